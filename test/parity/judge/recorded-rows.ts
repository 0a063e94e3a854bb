import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { GoldenRow } from '../golden.ts';

/** The per-request table that lies beside a golden of a whole trace, if there is one. */
export function recordedRows(goldenPath: string): readonly GoldenRow[] | undefined {
  const path = goldenPath.replace(/\.json$/, '.rows.csv.gz');
  if (path === goldenPath || !existsSync(path)) return undefined;
  return parseRows(gunzipSync(readFileSync(path)).toString('utf8'));
}

/** Rows of a CSV in the words of a golden; the worker's column has another name there. */
export function parseRows(csv: string): readonly GoldenRow[] {
  const [header = '', ...lines] = csv.trim().split('\n');
  const names = header.split(',').map((name) => (name === 'worker' ? 'decode_worker_idx' : name));
  return lines.map((line) => {
    const cells = line.split(',');
    const row: Record<string, number | undefined> = {};
    for (const [index, name] of names.entries()) {
      const cell = cells[index] ?? '';
      if (cell !== '') row[name] = Number(cell);
    }
    const sum = (span: string): number | undefined => {
      const [from, length] = [row.arrival_time_ms, row[span]];
      return from === undefined || length === undefined ? undefined : from + length;
    };
    return { ...row, first_token_ms: sum('ttft_ms'), last_token_ms: sum('e2e_latency_ms') };
  });
}
