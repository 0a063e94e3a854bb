import { env } from 'node:process';
import * as fc from 'fast-check';

/** One seed for all properties, so that a run of the tests is the same everywhere. */
export const PROPERTY_SEED = 20_271;

/** Properties that are asserted without a seed of their own draw from it, too. */
fc.configureGlobal({ seed: Number(env.WINDTUNNEL_SEED ?? PROPERTY_SEED) });
