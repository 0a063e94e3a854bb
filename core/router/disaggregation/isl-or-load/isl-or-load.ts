import type { BypassQuery } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import type { IslBounding } from '../isl-bounding/isl-bounding.ts';
import type { PrefillLoad } from '../prefill-load/prefill-load.ts';
import { isBypass } from '../verdict.ts';

/** Either is reason enough; the shorter prompt is named first (Dynamo's isl_or_load). */
export class IslOrLoad implements DisaggregationPolicy {
  readonly #isl: IslBounding;
  readonly #load: PrefillLoad;

  constructor(isl: IslBounding, load: PrefillLoad) {
    this.#isl = isl;
    this.#load = load;
  }

  judge(query: Readonly<BypassQuery>): number {
    const verdict = this.#isl.judge(query);
    return isBypass(verdict) ? verdict : this.#load.judge(query);
  }
}
