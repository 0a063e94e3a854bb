import { TraceBatch } from '#traces/batch.ts';

const BATCH_ROWS = 8_192;

/**
 * Requests of one shape whose prompts share nothing, all ready to be sent at time zero. Each
 * iteration begins anew, and a batch can be forgotten once the next is asked for.
 *
 * @param blockTokens tokens that one hash id stands for; it divides `inputTokens`
 */
export function uniformTrace(
  requests: number,
  inputTokens: number,
  outputTokens: number,
  blockTokens: number,
): Iterable<TraceBatch> {
  return {
    *[Symbol.iterator]() {
      let nextId = 0;
      for (let sent = 0; sent < requests; sent += BATCH_ROWS) {
        const batch = new TraceBatch();
        const end = Math.min(requests, sent + BATCH_ROWS);
        for (let line = sent + 1; line <= end; line++) {
          const row = batch.append(line, inputTokens, outputTokens);
          batch.timestampMs[row] = 0;
          for (let at = 0; at < inputTokens; at += blockTokens) batch.appendHashId(nextId++);
        }
        yield batch;
      }
    },
  };
}
