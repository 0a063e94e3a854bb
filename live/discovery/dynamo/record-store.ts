/** All records of a store by their keys; or that it cannot be read. */
export type StoreState =
  | { readonly kind: 'records'; readonly records: ReadonlyMap<string, string> }
  | { readonly kind: 'trouble'; readonly why: string };

/** Where Dynamo's processes write down that they are there. */
export interface RecordStore {
  /** What it looks at, for people. */
  readonly place: string;
  /** What it holds, whenever that has changed, until the signal aborts. Never rejects. */
  states(signal: AbortSignal): AsyncIterable<StoreState>;
}

/** The beginnings of the keys that a router reads. */
export const BUCKETS = ['v1/instances', 'v1/mdc', 'v1/event_channels'] as const;
