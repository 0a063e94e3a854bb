import defaults from './defaults.gen.json' with { type: 'json' };
import type { ResolvedConfig } from './schema.ts';

/**
 * The config of a run of which nothing is said, as a file: whoever lays checked values over it starts
 * without the schema, which takes longer to load than a short run takes to fly.
 */
export const DEFAULT_CONFIG = defaults.config as unknown as ResolvedConfig;

/** The section `workload.client`, which is there once any of its keys is written. */
export const DEFAULT_CLIENT = defaults.client as unknown as NonNullable<
  ResolvedConfig['workload']['client']
>;
