import type { Feature } from '../feature.ts';
import { BYPASS_FEATURES } from './bypass.ts';
import { ENCODE_FEATURES } from './encode.ts';
import { NETWORK_FEATURES } from './network.ts';
import { POOL_ROLE_FEATURES } from './pools.ts';
import { ROLE_FEATURES } from './role-changes.ts';
import { TRANSFER_FEATURES } from './transfers.ts';

/** Prompts computed on workers of their own, and what moves from there. */
export const DISAGGREGATION_FEATURES: readonly Feature[] = [
  ...POOL_ROLE_FEATURES,
  ...TRANSFER_FEATURES,
  ...NETWORK_FEATURES,
  ...BYPASS_FEATURES,
  ...ROLE_FEATURES,
  ...ENCODE_FEATURES,
];
