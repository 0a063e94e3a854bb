/** What a session makes of an engine's messages. */
export interface SessionSink {
  /** The next batch. `cleared`: the engine's cache was emptied in it, and all that followed was read. */
  batch(payload: Uint8Array): 'applied' | 'cleared' | 'unreadable';
  /** Something was missed: what is known may be wrong. */
  forget(): void;
  /** The engine begins anew with an empty cache; all that it publishes will come. */
  restart(): void;
}
