import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { DisaggregationParts } from './disaggregation.ts';
import { type HandOffOrder, HandOffTable } from './hand-off.ts';
import type { Pool } from './pool.ts';
import type { PrefillLegs } from './prefill-legs.ts';
import { SharedLinks } from './shared-links.ts';
import { FixedBandwidth } from './transfers.ts';

/** What takes requests from the prefill pool of a run to its decode pool. */
export function openDisaggregation(
  config: ResolvedConfig,
  pools: readonly Pool[],
  requests: RequestTable,
  legs: PrefillLegs,
): DisaggregationParts {
  const { kv_transfer: transfer } = config;
  const prefill = pools.find(({ role }) => role === 'prefill')!;
  const decode = pools.find(({ role }) => role === 'decode')!;
  const isShared = config.network.mode === 'shared';
  const links = isShared ? new SharedLinks(config, prefill, decode) : undefined;
  return {
    prefill,
    decode,
    requests,
    legs,
    handOffs: new HandOffTable(handOffOrder(config)),
    transfers: links ?? new FixedBandwidth(transfer),
    links,
    bytesPerToken: transfer.bytes_per_token ?? 0,
    movesMissing: transfer.timing_mode === 'destination_missing',
  };
}

/**
 * SGLang sets room aside before it computes a prompt; the others compute it first.
 * Source: Dynamo aisimulate replay, which goes by the backend (reference/mocker.md §2.3).
 */
function handOffOrder({ kv_transfer, cluster, engine }: ResolvedConfig): HandOffOrder {
  const decode = cluster.pools?.find(({ role }) => role === 'decode');
  const backend = decode?.engine?.backend ?? engine.backend;
  const usual = backend === 'sglang' ? 'destination_first' : 'source_first';
  return kv_transfer.order ?? usual;
}
