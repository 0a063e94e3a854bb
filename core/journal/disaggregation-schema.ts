import { z } from 'zod';
import { weight } from './fact-objects.ts';

const guard = { decodeBusyThreshold: weight().exactOptional() };
const bounds = { effIslThreshold: weight(), effIslRatioThreshold: weight() };
const busy = { prefillBusyTokens: weight() };
const tuning = {
  intervalNs: z.int().min(1),
  leastThreshold: weight(),
  mostThreshold: weight(),
};

/** How a router decides where prompts are prefilled, in the header of a journal. */
export const disaggregationSchema = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('isl_bounding'), ...bounds, ...guard }),
  z.strictObject({ policy: z.literal('prefill_load'), ...busy, ...guard }),
  z.strictObject({ policy: z.literal('isl_or_load'), ...bounds, ...busy, ...guard }),
  z.strictObject({ policy: z.literal('self_tuning'), ...tuning, ...guard }),
  z.strictObject({ policy: z.literal('policy'), ...guard }),
]);
