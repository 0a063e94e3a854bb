import { kvBytesPerToken } from '#core/perf/memory/kv-bytes.ts';
import { deploymentOf } from './deployment.ts';
import { isDisaggregated, poolsOf } from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

/**
 * Takes `kv_transfer.bytes_per_token` from the model where transfers have a speed, every worker that
 * hands over or takes over is timed by its model, and nobody has written the key. It is the cache of
 * the whole model, all GPUs of the prefill worker together, each head once.
 */
export function withTransferSize(config: ValidatedConfig): ValidatedConfig {
  const { kv_transfer, network } = config;
  if (kv_transfer.bytes_per_token !== undefined || !isDisaggregated(config)) return config;
  if (kv_transfer.bandwidth_gb_s === undefined && network.mode !== 'shared') return config;
  const pools = poolsOf(config).filter(({ role }) => role === 'prefill' || role === 'decode');
  if (!pools.every((pool) => pool.config.engine.timing.type === 'model')) return config;
  const prefill = pools.find(({ role }) => role === 'prefill');
  if (prefill === undefined) return config;
  const deployment = deploymentOf(prefill.config);
  const bytes = kvBytesPerToken({ ...deployment, tensorParallel: 1, pipelineParallel: 1 });
  return { ...config, kv_transfer: { ...kv_transfer, bytes_per_token: bytes } };
}
