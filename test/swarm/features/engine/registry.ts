import type { Feature } from '../feature.ts';
import { CACHE_FEATURES } from './cache.ts';
import { FLEET_FEATURES } from './fleet.ts';
import { MODEL_FEATURES } from './model.ts';
import { PASS_FEATURES } from './passes.ts';
import { POOL_FEATURES } from './pool.ts';
import { SCHEDULER_FEATURES } from './scheduler.ts';
import { SGLANG_FEATURES } from './sglang.ts';
import { SPECULATION_FEATURES } from './speculation.ts';
import { TIMING_FEATURES } from './timing.ts';

/** The workers: how many, whose scheduler, how much memory, how fast. */
export const ENGINE_FEATURES: readonly Feature[] = [
  ...FLEET_FEATURES,
  ...SCHEDULER_FEATURES,
  ...POOL_FEATURES,
  ...PASS_FEATURES,
  ...CACHE_FEATURES,
  ...SGLANG_FEATURES,
  ...SPECULATION_FEATURES,
  ...TIMING_FEATURES,
  ...MODEL_FEATURES,
];
