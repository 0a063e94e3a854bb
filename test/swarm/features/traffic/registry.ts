import type { Feature } from '../feature.ts';
import { ARRIVAL_FEATURES } from './arrivals.ts';
import { CLIENT_FEATURES } from './clients.ts';
import { GENERATED_FEATURES } from './generated.ts';
import { GRAPH_FEATURES } from './graph.ts';
import { LENGTH_FEATURES } from './lengths.ts';
import { LOOP_FEATURES } from './loops.ts';
import { PART_FEATURES } from './parts.ts';
import { PROMPT_FEATURES } from './prompts.ts';
import { RECORDED_FEATURES } from './recorded-rate.ts';
import { SESSION_FEATURES } from './sessions.ts';
import { TENANT_FEATURES } from './tenants.ts';

/** What is sent, and when. */
export const TRAFFIC_FEATURES: readonly Feature[] = [
  ...PROMPT_FEATURES,
  ...GENERATED_FEATURES,
  ...LENGTH_FEATURES,
  ...SESSION_FEATURES,
  ...GRAPH_FEATURES,
  ...TENANT_FEATURES,
  ...ARRIVAL_FEATURES,
  ...RECORDED_FEATURES,
  ...CLIENT_FEATURES,
  ...LOOP_FEATURES,
  ...PART_FEATURES,
];
