import type { Report } from './report.ts';

/** What to know of hand-offs that take no time because nothing is said of them, or nothing. */
export function freeTransferLines({ config, summary }: Report): readonly string[] {
  if (summary.hand_offs === undefined) return [];
  if (config.kv_transfer?.bytes_per_token !== undefined) return [];
  const modelled = config.engine?.timing?.type === 'model';
  const keys = modelled
    ? 'kv_transfer.bandwidth_gb_s, or network.mode to shared'
    : 'kv_transfer.bytes_per_token and kv_transfer.bandwidth_gb_s';
  return [`KV transfers from prefill to decode take no time; to time them set ${keys}`];
}
