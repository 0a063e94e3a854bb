import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { TraceBatch } from '../../batch.ts';

/** What is known of a request beside its row, in the order of the trace. */
export interface WalkedRow {
  readonly batch: TraceBatch;
  readonly row: number;
  /** 0 = it begins a session, or stands alone. */
  readonly turn: number;
  /** The turn before; absent in the first. */
  readonly before: PreviousTurn | undefined;
  /** Leading blocks that an earlier request had. */
  readonly shared: number;
  /** Requests since the last use of the last shared block. */
  readonly age: number;
  /** Whether that use ends there: the prompt goes on where an earlier one ended. */
  readonly continues: boolean;
}

/** What a session said last. */
export interface PreviousTurn {
  readonly inputTokens: number;
  readonly timestampMs: number;
  readonly ids: Uint32Array;
  readonly turn: number;
}

/** Walks the requests of a trace once, with what each shares with those before it. */
export function* walkTrace(batches: Iterable<TraceBatch>): Generator<WalkedRow> {
  const blocks = new PairMap();
  const sessions = new Map<string, PreviousTurn>();
  let lastUse = new Int32Array(1_024);
  let blocksOf = new Int32Array(1_024);
  let index = 0;
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++, index++) {
      const ids = batch.hashIds.slice(batch.hashStart[row]!, batch.hashStart[row + 1]!);
      let shared = 0;
      let age = 0;
      let open = true;
      for (const [depth, id] of ids.entries()) {
        let block = blocks.get(0, id);
        if (block < 0) {
          open = false;
          block = blocks.size;
          blocks.set(0, id, block);
          lastUse = growColumn(lastUse, block + 1);
        } else if (open) {
          shared = depth + 1;
          age = index - lastUse[block]!;
        }
        lastUse[block] = index;
      }
      const session = batch.sessionId[row];
      const before = session === undefined ? undefined : sessions.get(session);
      const turn = before === undefined ? 0 : before.turn + 1;
      blocksOf = growColumn(blocksOf, index + 1);
      blocksOf[index] = ids.length;
      // The last block of a prompt is as a rule not full, and then its own.
      const continues = shared > 0 && shared >= blocksOf[index - age]! - 1;
      yield { batch, row, turn, before, shared, age, continues };
      if (session !== undefined) {
        const inputTokens = batch.inputTokens[row]!;
        sessions.set(session, { inputTokens, timestampMs: batch.timestampMs[row]!, ids, turn });
      }
    }
  }
}
