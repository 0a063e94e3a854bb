import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RowList } from '../engine/row-list.ts';
import { NEVER, type RequestTable } from '../workload/request-table.ts';
import type { DisaggregationParts } from './disaggregation-parts.ts';
import { type HandOffOrder, HandOffTable } from './hand-off.ts';
import { KvStreams } from './kv-streams.ts';
import { LinkedTransfers } from './linked-transfers.ts';
import { PoolLinks } from './network/pool-links.ts';
import type { Pool } from './pool.ts';
import type { PrefillLegs } from './prefill-legs.ts';
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
  const streams = transfer.bytes_per_token !== undefined && transfer.streaming !== 'none';
  const links = isShared || streams ? new PoolLinks(config, prefill, decode) : undefined;
  const streamed = links && streams ? openStreams(config, links, prefill, legs) : undefined;
  return {
    prefill,
    decode,
    requests,
    legs,
    handOffs: new HandOffTable(handOffOrder(config), asksWherePrefilled(config)),
    transfers: streamed ?? (links ? new LinkedTransfers(links) : new FixedBandwidth(transfer)),
    streams: streamed,
    links,
    bytesPerToken: transfer.bytes_per_token ?? 0,
    movesMissing: transfer.timing_mode === 'destination_missing',
  };
}

function asksWherePrefilled(config: ResolvedConfig): boolean {
  const decode = poolsOf(config).find(({ role }) => role === 'decode');
  return decode?.config.router.conditional_disagg_enabled === true;
}

/** What lets KV caches leave while their prompts are computed. */
function openStreams(
  { kv_transfer: transfer }: ResolvedConfig,
  links: PoolLinks,
  prefill: Pool,
  { requests }: PrefillLegs,
): KvStreams {
  const layers = transfer.streaming === 'layers' ? (transfer.num_layers ?? 1) : 1;
  const { ranks } = prefill;
  const progress = {
    listPrompts: (target: number, rows: RowList): void => {
      const rank = target % ranks;
      prefill.workers[(target - rank) / ranks]!.listPrompts(rank, rows);
    },
    computedTokens: (row: number) => prefill.state.sequences.computed[row]!,
    cachedTokens: (row: number) =>
      requests.firstAdmitNs[row] === NEVER ? -1 : requests.firstReusedTokens[row]!,
  };
  return new KvStreams(links, progress, prefill.targets, layers);
}

/**
 * SGLang sets room aside before it computes a prompt; the others compute it first, unless it leaves
 * while it is computed.
 * Source: Dynamo aisimulate replay, which goes by the backend (reference/mocker.md §2.3).
 */
function handOffOrder({ kv_transfer, cluster, engine }: ResolvedConfig): HandOffOrder {
  const decode = cluster.pools?.find(({ role }) => role === 'decode');
  const backend = decode?.engine?.backend ?? engine.backend;
  const isStreamed = kv_transfer.streaming !== 'none' && kv_transfer.bytes_per_token !== undefined;
  const usual = backend === 'sglang' || isStreamed ? 'destination_first' : 'source_first';
  return kv_transfer.order ?? usual;
}
