import type { LeftOut, Origin } from './discovery-source.ts';
import type { KeeperState } from './engine-keeper.ts';

/** What is known of one place where engines are found. */
export interface SourceStatus {
  readonly origin: Origin;
  readonly place: string;
  /** looking: nothing has been seen yet; failing: the last look failed, and the list before it stands. */
  readonly state: 'looking' | 'listed' | 'failing';
  readonly problem?: string;
  /** Engines that it lists. */
  readonly engines: number;
  /** What it sees besides, and why that cannot be sent to. */
  readonly left_out: readonly LeftOut[];
}

/** An engine that is or was listed, until it is gone. */
export interface KeptEngineStatus {
  readonly name: string;
  readonly origin: Origin;
  readonly url: string;
  readonly state: KeeperState;
  /** Why it is refused. */
  readonly problem?: string;
}

/** Where engines come from, and how far each has got. */
export interface FleetStatus {
  readonly sources: readonly SourceStatus[];
  readonly engines: readonly KeptEngineStatus[];
}
