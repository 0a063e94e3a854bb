import { openStream } from '#core/base/random.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { OwnershipIndex } from '#core/router/index/ownership.ts';
import { isInformed } from '#core/router/options.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { EventFaults } from './event-faults.ts';

/** The random streams of what happens to KV events, one for each target. */
const EVENT_STREAM = 'cluster.kv_events';

/**
 * What KV events suffer on their way; undefined where the config has all arrive, once each. `pool`
 * tells the streams of one pool from those of another, in which `joiners` workers come from others.
 */
export function openEventFaults(
  config: ResolvedConfig,
  seed: number,
  router: RoutingMachine,
  index: OwnershipIndex,
  forest: PromptForest,
  pool = '',
  joiners = 0,
): EventFaults | undefined {
  const { mode, use_kv_events, kv_event_loss_ratio, kv_event_duplicate_ratio } = config.router;
  if (!isInformed(mode) || !use_kv_events) return undefined;
  if (kv_event_loss_ratio + kv_event_duplicate_ratio === 0) return undefined;
  const targets = (config.cluster.workers + joiners) * config.engine.data_parallel_size;
  const streams = Array.from({ length: targets }, (_, target) =>
    openStream(seed, `${EVENT_STREAM}${pool}.${target}`),
  );
  const ratios = [kv_event_loss_ratio, kv_event_duplicate_ratio] as const;
  return new EventFaults(router, index, forest, streams, ...ratios);
}
