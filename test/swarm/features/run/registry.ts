import type { Feature } from '../feature.ts';
import { HABIT_FEATURES } from './habits.ts';
import { OBSERVED_FEATURES } from './observed.ts';

/** How the run itself goes: imitating whom, until when, watched or not. */
export const RUN_FEATURES: readonly Feature[] = [...HABIT_FEATURES, ...OBSERVED_FEATURES];
