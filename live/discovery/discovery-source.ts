import type { EngineEntry } from '#core/config/serve/engine-list.ts';

/** How an engine came to be known. */
export type Origin = 'static' | 'file' | 'dns' | 'dynamo';

/** An engine as a source lists it. */
export interface ListedEngine {
  readonly entry: EngineEntry;
  /** Its id among Dynamo's workers, where a frontend of Dynamo hands requests on to it. */
  readonly dynamoWorker?: string;
}

/** Something that a source sees and that cannot be sent to. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** What a source says: the engines that there are now, all of them; or that it cannot say. */
export type Sighting =
  | {
      readonly kind: 'list';
      readonly engines: readonly ListedEngine[];
      readonly leftOut: readonly LeftOut[];
      /** Where its engines publish KV events on Dynamo's event plane, over ZMQ. */
      readonly planeAddresses?: readonly string[];
    }
  | { readonly kind: 'trouble'; readonly why: string };

/** A place where engines are found. */
export interface DiscoverySource {
  readonly origin: Origin;
  /** What it looks at, for people. */
  readonly place: string;
  /**
   * What it sees, whenever that has changed, until the signal aborts. After trouble the last list
   * stands. Never rejects.
   */
  sightings(signal: AbortSignal): AsyncIterable<Sighting>;
}
