import type { WorkerSample, WorkerTally } from '#sim/public.ts';
import type { RankStats } from './rank-stats.ts';

/** One rank at the moment of a scrape. */
export interface RankView {
  readonly stats: RankStats;
  readonly sample: WorkerSample;
  readonly tally: WorkerTally;
}

/** What a scrape tells of an engine. */
export interface EngineView {
  readonly model: string;
  readonly ranks: readonly RankView[];
  readonly blocks: number;
  readonly blockSize: number;
  readonly maxModelLen: number;
  readonly prefixCaching: boolean;
  /** Whose requests cannot be told apart by their reason are turned away at the door. */
  readonly refused: number;
  /** 0 = awake; 1, 2: how deeply it sleeps. */
  readonly sleepLevel: number;
  /** When it began, in seconds since 1970. */
  readonly createdS: number;
}
