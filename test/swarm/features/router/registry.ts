import type { Feature } from '../feature.ts';
import { ASKING_FEATURES } from './asking.ts';
import { BELIEF_FEATURES } from './belief.ts';
import { COST_FEATURES } from './cost.ts';
import { EVENT_FAULT_FEATURES } from './event-faults.ts';
import { LIMIT_FEATURES } from './limits.ts';
import { MODE_FEATURES } from './modes.ts';
import { QUEUE_FEATURES } from './queues.ts';
import { TRACKING_FEATURES } from './tracking.ts';

/** Who gets a request, and what requests ask of whoever decides it. */
export const ROUTER_FEATURES: readonly Feature[] = [
  ...MODE_FEATURES,
  ...COST_FEATURES,
  ...TRACKING_FEATURES,
  ...BELIEF_FEATURES,
  ...EVENT_FAULT_FEATURES,
  ...QUEUE_FEATURES,
  ...LIMIT_FEATURES,
  ...ASKING_FEATURES,
];
