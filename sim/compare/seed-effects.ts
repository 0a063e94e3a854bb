import type { ResolvedConfig } from '#core/config/schema.ts';

/** Families of arrivals as a sentence names them. */
const ARRIVALS = {
  poisson: 'Poisson',
  gamma: 'gamma',
  weibull: 'Weibull',
  recorded: 'recorded',
} as const;

/**
 * What another seed changes in a run of this config, in words for the reader of a comparison. An
 * interval over seeds speaks of these things and of nothing else.
 */
export function seedEffects({ workload, router }: ResolvedConfig): string[] {
  const effects: string[] = [];
  const open = workload.concurrency === undefined;
  if (open && workload.arrivals !== 'trace' && workload.arrivals !== 'constant') {
    effects.push(`${ARRIVALS[workload.arrivals]} arrival times`);
  }
  if (open && workload.arrivals === 'trace' && workload.arrival_jitter) {
    effects.push("arrival jitter inside the trace's own time resolution");
  }
  if (workload.tenants?.some(({ share }) => share !== undefined)) {
    effects.push('which sessions are whose');
  }
  if (router.mode === 'random' || router.mode === 'power_of_two') {
    effects.push(`workers drawn by ${router.mode}`);
  }
  if (router.mode === 'kv_router' && router.router_temperature > 0) {
    effects.push('workers drawn by router temperature');
  }
  if (router.mode === 'policy') effects.push('what the policy file draws, and its ties');
  if (['kv_router', 'least_loaded', 'device_aware_weighted'].includes(router.mode)) {
    effects.push('ties between equal workers');
  }
  return effects;
}

/** The effects of several configs, each once, in the order in which they first appear. */
export function allSeedEffects(configs: readonly ResolvedConfig[]): string[] {
  const all = configs.flatMap(seedEffects);
  return all.filter((effect, index) => all.indexOf(effect) === index);
}
