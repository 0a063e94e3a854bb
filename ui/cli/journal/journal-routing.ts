import type { JournalHeader } from '#core/journal/header-lines.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouteQuery } from '#core/router/query.ts';
import { PolicyNames } from '#core/router/queue/classes/policy-names.ts';
import type { RouteOverrides, RouteTerms } from '#core/router/route-terms.ts';
import type { TraceOverride, TraceRouting } from '#traces/routing.ts';

/** What requests of a journal ask of the router, in the words of a trace. */
export class JournalRouting {
  /** Requests that asked for what a trace has no word for, which is left out. */
  incomplete = 0;
  readonly #names: PolicyNames | undefined;
  readonly #defaultFamily: string | undefined;
  readonly #attributes: TargetAttributes[];
  readonly #terms: (RouteTerms | undefined)[] = [];
  /** Rows that ask alike share an object. */
  readonly #known = new Map<string, TraceRouting>();

  constructor({ router }: JournalHeader) {
    const { classes, attributes = [] } = router;
    this.#names = classes === undefined ? undefined : new PolicyNames(classes);
    this.#defaultFamily = classes?.defaultFamily;
    this.#attributes = [...attributes];
  }

  /** A target is described; its pins have other words from now on. */
  describeTarget(target: number, attributes: TargetAttributes): void {
    this.#attributes[target] = attributes;
    this.#known.clear();
  }

  /** Terms are defined, or others under an id that was used before. */
  defineTerms(id: number, terms: RouteTerms): void {
    this.#terms[id] = terms;
    this.#known.clear();
  }

  /**
   * The class or family that the query asks for, undefined = none. Where it asked for none and the
   * name of its tenant would, it is the default family, which it got.
   */
  classOf({ policyClass }: Readonly<RouteQuery>, tenant: string | undefined): string | undefined {
    const names = this.#names;
    if (names === undefined) return undefined;
    if (policyClass >= 0) return names.nameOf(policyClass);
    const tenantAsks = tenant !== undefined && names.numberOf(tenant) >= 0;
    return tenantAsks ? this.#defaultFamily : undefined;
  }

  /** What the query asks for besides, undefined = nothing. */
  of({ terms: id, pinnedTarget }: Readonly<RouteQuery>): TraceRouting | undefined {
    const terms = this.#terms[id];
    if (terms !== undefined && !isSayable(terms)) this.incomplete++;
    if (terms === undefined && pinnedTarget < 0) return undefined;
    const key = `${id} ${pinnedTarget}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const routing = { ...(terms && wordsOf(terms)), ...this.#pinOf(pinnedTarget) };
    this.#known.set(key, routing);
    return routing;
  }

  #pinOf(target: number): TraceRouting {
    if (target < 0) return {};
    const ranks = 1 + this.#attributes.reduce((most, { rank = 0 }) => Math.max(most, rank), 0);
    if (ranks === 1) return { backendInstanceId: this.#attributes[target]?.worker ?? target };
    const { worker = Math.floor(target / ranks), rank = target % ranks } =
      this.#attributes[target] ?? {};
    return { backendInstanceId: worker, dpRank: rank };
  }
}

/** What the shared cache is worth has no word in a trace. */
function isSayable({ overrides }: RouteTerms): boolean {
  return overrides?.sharedCacheMultiplier === undefined;
}

function wordsOf(terms: RouteTerms): TraceRouting {
  const { requiredTaints, preferredTaints, loraAdapter, overrides } = terms;
  const { allowedWorkers, excludedWorkers, embeddingHolders } = terms;
  return {
    ...(requiredTaints && { requiredTaints }),
    ...(preferredTaints && { preferredTaints }),
    ...(loraAdapter !== undefined && { loraName: loraAdapter }),
    ...(allowedWorkers && { allowedWorkers }),
    ...(excludedWorkers && { excludedWorkers }),
    ...(embeddingHolders && { embeddingHolders }),
    ...(overrides && { override: overrideOf(overrides) }),
  };
}

function overrideOf(overrides: RouteOverrides): TraceOverride {
  const { temperature, sharedCacheMultiplier: _, ...same } = overrides;
  return { ...same, ...(temperature !== undefined && { routerTemperature: temperature }) };
}
