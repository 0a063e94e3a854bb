import { QuantileSketch } from '#core/base/sketch.ts';
import type { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { RequestTable } from '../../workload/request-table.ts';
import { DecodeRun } from '../leap/decode-run.ts';
import { SteppedRun } from '../leap/stepped-run.ts';
import type { PassTime } from '../timing/pass-time.ts';
import type { EngineSettings } from './engine-settings.ts';
import { HeadWaitLog } from './head-wait-log.ts';
import { SequenceTable } from './sequence-table.ts';
import { StreamGroups } from './stream-groups.ts';

/** What all workers of a pool share: tables, how long passes take, the gaps between tokens. */
export class EngineState<Settings extends EngineSettings = EngineSettings> {
  readonly settings: Settings;
  /** Of the run. */
  readonly seed: number;
  readonly passTime: PassTime;
  readonly requests: RequestTable;
  readonly holders: HolderTable;
  readonly forest: PromptForest;
  readonly sequences: SequenceTable = new SequenceTable();
  /** Scratch: each holds the leap of the worker that prepared it last, and only until the next. */
  readonly scratchDecodeRun: DecodeRun = new DecodeRun();
  readonly scratchPrefillRun: SteppedRun = new SteppedRun();
  /** Every gap between two tokens of a request. */
  readonly itlNs: QuantileSketch = new QuantileSketch();
  /** Who makes those gaps where tokens are sent in groups; absent where each is sent by itself. */
  readonly stream: StreamGroups | undefined;
  /** Forward passes of all workers; ranks take theirs together. */
  passes = 0;
  /** Requests at the head of a worker's queue that found too few blocks. */
  readonly headWaits: HeadWaitLog = new HeadWaitLog();

  constructor(
    settings: Settings,
    seed: number,
    passTime: PassTime,
    requests: RequestTable,
    holders: HolderTable,
    forest: PromptForest,
  ) {
    this.settings = settings;
    this.seed = seed;
    this.passTime = passTime;
    this.requests = requests;
    this.holders = holders;
    this.forest = forest;
    if (settings.streamInterval > 1) {
      this.stream = new StreamGroups(settings.streamInterval, requests, this.itlNs);
    }
  }
}
