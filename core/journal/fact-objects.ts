import { z } from 'zod';
import type { BusyThresholds } from '#core/router/eligibility/overload/thresholds.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouteOverrides, RouteTerms } from '#core/router/route-terms.ts';

/** A schema for every field of an object, and for nothing else. */
export type FieldsOf<T> = Readonly<Record<keyof T, z.ZodType>>;

/** Whole numbers that name a worker or a rank. */
const id = () =>
  z
    .int()
    .min(0)
    .max(2 ** 20 - 1);
const names = () => z.array(z.string()).exactOptional();
const workers = () => z.array(id()).exactOptional();

/** A weight, a scale or a ratio. */
export const weight = () => z.number().min(0);

/** What a target is, behind `describeTarget` and in the header. */
export const targetAttributesSchema = z.strictObject({
  worker: id().exactOptional(),
  rank: id().exactOptional(),
  taints: names(),
  topology: z.record(z.string(), z.string()).exactOptional(),
  loraAdapters: names(),
  device: z.enum(['accelerator', 'cpu']).exactOptional(),
} satisfies FieldsOf<TargetAttributes>);

const overridesSchema = z.strictObject({
  overlapScoreCredit: weight().exactOptional(),
  prefillLoadScale: weight().exactOptional(),
  temperature: weight().exactOptional(),
  sharedCacheMultiplier: weight().exactOptional(),
  trackPrefillTokens: z.boolean().exactOptional(),
  assumeKvReuse: z.boolean().exactOptional(),
  overlapScoreWeight: weight().exactOptional(),
} satisfies FieldsOf<RouteOverrides>);

/** What requests ask for, behind `defineTerms`. */
export const routeTermsSchema = z.strictObject({
  allowedWorkers: workers(),
  excludedWorkers: workers(),
  requiredTaints: names(),
  preferredTaints: z.record(z.string(), z.number()).exactOptional(),
  loraAdapter: z.string().exactOptional(),
  embeddingHolders: workers(),
  overrides: overridesSchema.exactOptional(),
} satisfies FieldsOf<RouteTerms>);

/** Behind `setBusyThresholds` and in the header. */
export const busyThresholdsSchema = z.strictObject({
  activePrefillTokens: weight().exactOptional(),
  activePrefillTokensFrac: weight().exactOptional(),
  activeDecodeBlocks: weight().exactOptional(),
} satisfies FieldsOf<BusyThresholds>);
