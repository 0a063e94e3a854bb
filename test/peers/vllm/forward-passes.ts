import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subscriber } from 'zeromq';
import { readMetricRows } from '#ui/cli/calibrate/metric-rows.ts';

interface PassRow {
  readonly scheduled_requests: {
    readonly sum_prefill_tokens: number;
    readonly num_decode_requests: number;
  };
}

/** What forward passes came to. */
export interface PassSum {
  readonly passes: number;
  readonly prefillTokens: number;
  readonly decodedTokens: number;
}

/** Listens to an engine's forward-pass metrics, and reads them as `windtunnel calibrate` does. */
export class ForwardPasses {
  readonly #socket = new Subscriber({ linger: 0 });
  readonly #messages: string[] = [];

  constructor(address: string) {
    this.#socket.connect(address);
    this.#socket.subscribe();
    void this.#listen();
  }

  /** What was heard so far; messages of an idle engine are none of its passes. */
  get sum(): PassSum {
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-passes-'));
    const file = join(folder, 'fpm.jsonl');
    try {
      if (this.#messages.length === 0) return { passes: 0, prefillTokens: 0, decodedTokens: 0 };
      writeFileSync(file, `${this.#messages.join('\n')}\n`);
      const rows = readMetricRows(file).map(({ value }) => (value as PassRow).scheduled_requests);
      const total = (of: (row: (typeof rows)[number]) => number): number =>
        rows.reduce((sum, row) => sum + of(row), 0);
      return {
        passes: total((row) => (row.sum_prefill_tokens + row.num_decode_requests > 0 ? 1 : 0)),
        prefillTokens: total((row) => row.sum_prefill_tokens),
        decodedTokens: total((row) => row.num_decode_requests),
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #listen(): Promise<void> {
    try {
      for await (const frames of this.#socket) {
        const hex = frames.map((frame) => frame.toString('hex'));
        this.#messages.push(JSON.stringify({ frames: hex }));
      }
    } catch {
      // Closed while it listened.
    }
  }
}
