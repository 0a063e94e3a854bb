import { Pool } from 'undici';

/** What one streamed request showed. */
export interface StreamTiming {
  /** From its sending to its first event, −1 = it failed. */
  readonly ttftMs: number;
  readonly events: number;
}

/** Sends streamed completions to one address. */
export class StreamClient {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: null, keepAliveTimeout: 30_000 });
  }

  /** Sends a body; resolves when the answer is over. Never rejects. */
  send(body: string): Promise<StreamTiming> {
    return new Promise((resolve) => {
      const sentMs = performance.now();
      let ttftMs = -1;
      let events = 0;
      let isWell = false;
      this.#pool.dispatch(
        {
          path: '/v1/completions',
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_flow, status) => {
            isWell = status === 200;
          },
          onResponseData: (_flow, chunk) => {
            if (isWell && ttftMs < 0 && chunk.includes('"choices":[{'))
              ttftMs = performance.now() - sentMs;
            events += chunk.toString('latin1').split('\n\n').length - 1;
          },
          onResponseEnd: () => resolve({ ttftMs, events }),
          onResponseError: () => resolve({ ttftMs: -1, events }),
        },
      );
    });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/**
 * Sends requests at a constant rate for so long, whether earlier ones are done or not. `next` sends
 * one. Resolves when all are over.
 */
export async function openLoop(
  ratePerS: number,
  seconds: number,
  next: (at: number) => Promise<void>,
): Promise<void> {
  const begunMs = performance.now();
  const total = Math.round(ratePerS * seconds);
  const open: Promise<void>[] = [];
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begunMs) / 1_000) * ratePerS) + 1);
    for (; sent < due; sent++) open.push(next(sent));
    await new Promise((done) => setTimeout(done, 1));
  }
  await Promise.all(open);
}

/** The value that a share of the others does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
