import type { ModelShape } from '../models/model-shape.ts';

/** Why a model cannot have such an imbalance of its experts, and what it can. */
export interface ImbalanceFault {
  readonly why: string;
  readonly allowed: string;
}

/** What is wrong with the load of the most popular expert over the mean; undefined where nothing is. */
export function imbalanceFault(
  { name, experts }: ModelShape,
  imbalance: number,
): ImbalanceFault | undefined {
  if (imbalance === 1) return undefined;
  if (experts === undefined) {
    return { why: `${name} has none to be popular`, allowed: '1: this model has no experts' };
  }
  if (imbalance < experts.count) return undefined;
  const why = `a layer of ${name} has ${experts.count} experts, and one takes less than all`;
  return { why, allowed: `from 1 to below ${experts.count}` };
}
