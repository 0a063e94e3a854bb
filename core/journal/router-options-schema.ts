import { z } from 'zod';
import type { RouterOptions } from '#core/router/options.ts';
import type {
  ClassProfile,
  PolicyClass,
  TokenBucket,
} from '#core/router/queue/classes/class-profile.ts';
import type { SearchLimits } from '#core/router/selection/search-limits.ts';
import type {
  PrefillPiece,
  PrefillTimes,
} from '#core/router/sequences/prefill-load/timing/timing.ts';
import { disaggregationSchema } from './disaggregation-schema.ts';
import {
  busyThresholdsSchema,
  type FieldsOf,
  targetAttributesSchema,
  weight,
} from './fact-objects.ts';

/** Whole numbers of tokens, blocks or requests. */
const count = (least: number) => z.int().min(least);
const nanoseconds = () => z.number().min(0);
const flag = () => z.boolean().exactOptional();

const queuePolicy = z.enum(['fcfs', 'lcfs', 'wspt', 'policy']);

const policyClass = z.strictObject({
  name: z.string(),
  family: z.string().exactOptional(),
  bucket: z.string().exactOptional(),
  queuePolicy,
  quantum: count(1),
  busyThresholdTokens: count(0).exactOptional(),
  busyThresholdFraction: weight().exactOptional(),
  requestLimitPerWorker: count(0).exactOptional(),
  rawTokenLimitPerWorker: count(0).exactOptional(),
  cachedTokenLimitPerWorker: count(0).exactOptional(),
} satisfies FieldsOf<PolicyClass>);

const bucket = z.strictObject({
  name: z.string(),
  minTokens: count(0),
} satisfies FieldsOf<TokenBucket>);

const classes = z.strictObject({
  defaultFamily: z.string(),
  buckets: z.array(bucket).min(1),
  classes: z.array(policyClass).min(1),
} satisfies FieldsOf<ClassProfile>);

const approximate = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('ttl'), ttlNs: nanoseconds() }),
  z.strictObject({ policy: z.literal('lru'), capacityBlocks: count(0) }),
]);

const piece = z.strictObject({
  upTo: z.number(),
  c0: z.number(),
  c1: z.number(),
  c2: z.number(),
} satisfies FieldsOf<PrefillPiece>);

const times = z.strictObject({
  pieces: z.array(piece).min(1),
  perPrefixTokenMs: z.number(),
} satisfies FieldsOf<PrefillTimes>);

const prefillLoad = z.discriminatedUnion('model', [
  z.strictObject({ model: z.literal('none') }),
  z.strictObject({ model: z.literal('timing'), times }),
]);

const searchLimits = z.strictObject({
  listedOwners: count(0),
  visitedShare: weight(),
} satisfies FieldsOf<SearchLimits>);

/** Everything that a router is told at its start, as the header of a journal has it. */
export const routerOptionsSchema = z.strictObject({
  mode: z.enum([
    'kv_router',
    'round_robin',
    'random',
    'power_of_two',
    'least_loaded',
    'direct',
    'device_aware_weighted',
    'policy',
  ]),
  costModel: z.enum(['current', 'v1.0']),
  overlapScoreCredit: weight(),
  overlapScoreCreditDecay: weight(),
  prefillLoadScale: weight(),
  decodeActiveRequestWeight: weight(),
  costWithout: z.enum(['prefill_load', 'active_blocks']).exactOptional(),
  hostCacheHitWeight: weight().exactOptional(),
  diskCacheHitWeight: weight().exactOptional(),
  sharedCacheMultiplier: weight().exactOptional(),
  temperature: weight(),
  queueThreshold: weight().exactOptional(),
  queuePolicy,
  classes: classes.exactOptional(),
  classBursts: flag(),
  overlapRefreshAfterNs: nanoseconds().exactOptional(),
  trackActiveBlocks: z.boolean(),
  trackPrefillTokens: z.boolean(),
  trackOutputBlocks: flag(),
  approximate: approximate.exactOptional(),
  predictedTtlNs: nanoseconds().exactOptional(),
  assumeKvReuse: flag(),
  prefillLoad: prefillLoad.exactOptional(),
  requestExpiryNs: nanoseconds().exactOptional(),
  blockSize: count(1),
  maxNumBatchedTokens: count(1),
  // Ids of targets have a limit in every line.
  targets: count(0).max(2 ** 20 - 1),
  ranks: count(1).exactOptional(),
  pool: z.enum(['aggregated', 'prefill', 'decode']).exactOptional(),
  attributes: z.array(targetAttributesSchema).exactOptional(),
  busyThresholds: busyThresholdsSchema.exactOptional(),
  sessionAffinityTtlNs: nanoseconds().exactOptional(),
  acceleratorToCpuRatio: weight().exactOptional(),
  explains: flag(),
  routerHints: flag(),
  totalKvBlocks: count(1).exactOptional(),
  disaggregation: disaggregationSchema.exactOptional(),
  searchLimits: searchLimits.exactOptional(),
} satisfies FieldsOf<RouterOptions>);
