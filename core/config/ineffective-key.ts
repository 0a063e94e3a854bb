import type { ResolvedConfig } from './schema.ts';

/** A key that changes nothing in a run, and why. */
export interface IneffectiveKey {
  readonly path: string;
  readonly why: string;
  readonly remedy: string;
}

/** Keys that mean nothing while a condition holds. The condition looks at values only. */
export interface EffectRule {
  readonly paths: readonly string[];
  readonly idle: (config: ResolvedConfig) => boolean;
  readonly why: string;
  readonly remedy: string;
}
