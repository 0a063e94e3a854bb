import { DISAGGREGATION_FEATURES } from './disaggregation/registry.ts';
import { ENGINE_FEATURES } from './engine/registry.ts';
import type { Feature } from './feature.ts';
import { ROUTER_FEATURES } from './router/registry.ts';
import { RUN_FEATURES } from './run/registry.ts';
import { TRAFFIC_FEATURES } from './traffic/registry.ts';

/**
 * Everything that a flight may have, in the order in which it is laid: an engine that is tight is
 * tight for the requests that were drawn before it, and a router's limits for the engine.
 */
export const FEATURES: readonly Feature[] = [
  ...TRAFFIC_FEATURES,
  ...ENGINE_FEATURES,
  ...ROUTER_FEATURES,
  ...DISAGGREGATION_FEATURES,
  ...RUN_FEATURES,
];
