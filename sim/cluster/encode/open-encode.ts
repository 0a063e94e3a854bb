import { encodePoolOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RequestTable } from '../../workload/request-table.ts';
import { FixedBandwidth } from '../transfers.ts';
import type { EncodeOutcome } from './encode-outcome.ts';
import { EncodeStage } from './encode-stage.ts';

/** The stage before the routers of a run; undefined without a pool of role encode. */
export function openEncode(
  config: ResolvedConfig,
  requests: RequestTable,
): EncodeStage | undefined {
  const entry = encodePoolOf(config);
  return entry && new EncodeStage(entry, requests, new FixedBandwidth(config.kv_transfer));
}

/** What the stage leaves behind. */
export function encodeOutcome(
  config: ResolvedConfig,
  { table, encoders }: EncodeStage,
): EncodeOutcome {
  const { name = 'encode', workers, gpus_per_worker } = encodePoolOf(config)!;
  return {
    name,
    workers,
    gpusPerWorker: gpus_per_worker,
    table,
    encoders: encoders.map(({ busyNs, passes, encodedItems }) => {
      return { busyNs, passes, encodedItems };
    }),
  };
}
