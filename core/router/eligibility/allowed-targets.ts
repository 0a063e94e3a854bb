import type { Fleet } from '../fleet.ts';
import type { RouteTerms } from '../route-terms.ts';
import type { AttributeTable } from './target-attributes.ts';

/**
 * The targets that terms allow, whatever their load: valid until the fleet or an attribute changes.
 *
 *     targets[i]        ascending
 *     allowed[target]   1 = among them
 *     factor[target]    what preferred taints multiply its cost by; undefined = nothing is preferred
 */
export interface AllowedTargets {
  readonly version: number;
  readonly targets: Int32Array<ArrayBuffer>;
  readonly allowed: Uint8Array;
  readonly factor: Float64Array | undefined;
}

/**
 * Works out what terms allow: the caller's workers without the excluded ones, narrowed to those that
 * hold the LoRA adapter unless nobody does; of these, what is available and has every required
 * taint.
 */
export function allowTargets(
  terms: RouteTerms,
  fleet: Fleet,
  attributes: AttributeTable,
  unavailable: ReadonlySet<number>,
  version: number,
): AllowedTargets {
  const { requiredTaints = [] } = terms;
  const fromCaller = narrowToAdapter(callerTargets(terms, fleet, attributes), terms, attributes);
  const targets = fromCaller.filter((target) => {
    if (unavailable.has(target)) return false;
    return requiredTaints.every((taint) => attributes.hasTaint(target, taint));
  });
  const allowed = new Uint8Array(fleet.limit);
  for (const target of targets) allowed[target] = 1;
  return {
    version,
    targets,
    allowed,
    factor: preferenceFactors(terms, targets, fleet, attributes),
  };
}

function callerTargets(
  { allowedWorkers, excludedWorkers }: RouteTerms,
  fleet: Fleet,
  attributes: AttributeTable,
): Int32Array<ArrayBuffer> {
  const allowed = allowedWorkers === undefined ? undefined : new Set(allowedWorkers);
  const excluded = new Set(excludedWorkers);
  return fleet.targets.slice(0, fleet.count).filter((target) => {
    const worker = attributes.worker[target]!;
    return (allowed === undefined || allowed.has(worker)) && !excluded.has(worker);
  });
}

/** An adapter that nobody holds can be loaded anywhere, so it narrows nothing. */
function narrowToAdapter(
  targets: Int32Array<ArrayBuffer>,
  { loraAdapter }: RouteTerms,
  attributes: AttributeTable,
): Int32Array<ArrayBuffer> {
  if (loraAdapter === undefined) return targets;
  const holders = targets.filter((target) => attributes.hasAdapter(target, loraAdapter));
  return holders.length === 0 ? targets : holders;
}

function preferenceFactors(
  { preferredTaints }: RouteTerms,
  targets: Int32Array,
  fleet: Fleet,
  attributes: AttributeTable,
): Float64Array | undefined {
  const preferred = Object.entries(preferredTaints ?? {}).sort();
  if (preferred.length === 0) return undefined;
  const factor = new Float64Array(fleet.limit).fill(1);
  for (const target of targets) {
    let weight = 0;
    for (const [taint, worth] of preferred) {
      if (attributes.hasTaint(target, taint)) weight += worth;
    }
    factor[target] = preferenceFactor(weight);
  }
  return factor;
}

/** The factor, in (1/e, e), by which a sum of preferred weights multiplies a cost. */
export function preferenceFactor(weight: number): number {
  return Math.exp(-Math.tanh(weight));
}
