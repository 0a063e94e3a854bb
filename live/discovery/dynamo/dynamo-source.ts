import type { DiscoverySource, Sighting } from '../discovery-source.ts';
import { type DynamoChoice, enginesOfRecords } from './engines-of-records.ts';
import { BUCKETS, type RecordStore } from './record-store.ts';
import { type DynamoRecord, readRecord } from './records.ts';

/** Dynamo's workers, as its own discovery has them. Nothing is written there. */
export class DynamoSource implements DiscoverySource {
  readonly origin = 'dynamo';
  readonly place: string;
  readonly #store: RecordStore;
  readonly #choice: DynamoChoice;

  constructor(store: RecordStore, choice: DynamoChoice) {
    this.#store = store;
    this.#choice = choice;
    this.place = store.place;
  }

  async *sightings(signal: AbortSignal): AsyncIterable<Sighting> {
    for await (const state of this.#store.states(signal)) {
      yield state.kind === 'trouble' ? state : this.#sightingOf(state.records);
    }
  }

  #sightingOf(texts: ReadonlyMap<string, string>): Sighting {
    const records: DynamoRecord[] = [];
    const broken: { name: string; why: string }[] = [];
    for (const [key, text] of texts) {
      if (!BUCKETS.some((bucket) => key.startsWith(`${bucket}/`))) continue;
      try {
        const record = readRecord(text);
        if (record !== undefined) records.push(record);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        broken.push({ name: key, why: `it cannot be read: ${why}` });
      }
    }
    const { leftOut, ...found } = enginesOfRecords(records, this.#choice);
    return { kind: 'list', ...found, leftOut: [...leftOut, ...broken] };
  }
}
