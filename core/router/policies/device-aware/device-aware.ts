import type { RandomStream } from '#core/base/random.ts';
import type { AttributeTable } from '../../eligibility/target-attributes.ts';
import type { Fleet } from '../../fleet.ts';
import type { RouteQuery } from '../../query.ts';
import type { RouteTerms } from '../../route-terms.ts';
import { TieSet } from '../../selection/tie-set.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { TermsTable } from '../../terms-table.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/** Whom one look at the candidates may choose. */
type Group = 'accelerator' | 'cpu' | 'holder';

const NOBODY: ReadonlySet<number> = new Set();

/** Accelerators and CPUs share the requests by what they are worth; see the README. */
export class DeviceAwarePolicy extends PrefixBlindPolicy {
  /** The last choice holds all that the request needs, and serves it beside its other work. */
  choiceIsFree = false;
  readonly #fleet: Fleet;
  readonly #attributes: AttributeTable;
  readonly #sequences: ActiveSequences;
  readonly #terms: TermsTable;
  readonly #stream: RandomStream;
  readonly #ratio: number;
  readonly #ties = new TieSet();
  /** Of the terms met so far, the workers that hold the embeddings they name. */
  readonly #holdersOf = new WeakMap<RouteTerms, ReadonlySet<number>>();
  #holders: ReadonlySet<number> = NOBODY;

  /** `ratio`: how many requests an accelerator is worth for one on a CPU. */
  constructor(
    fleet: Fleet,
    attributes: AttributeTable,
    sequences: ActiveSequences,
    terms: TermsTable,
    stream: RandomStream,
    ratio: number,
  ) {
    super();
    this.#fleet = fleet;
    this.#attributes = attributes;
    this.#sequences = sequences;
    this.#terms = terms;
    this.#stream = stream;
    this.#ratio = ratio;
  }

  override choose(query: RouteQuery): number {
    return this.#chooseOf(query, this.#fleet.targets, this.#fleet.count);
  }

  override chooseAmong(query: RouteQuery, { targets, count }: EligibleTargets): number {
    return this.#chooseOf(query, targets, count);
  }

  #chooseOf(query: RouteQuery, targets: Int32Array, count: number): number {
    this.#holders = this.#holdersFor(query.terms);
    this.choiceIsFree = this.#holders.size > 0 && this.#offer('holder', targets, count) > 0;
    if (!this.choiceIsFree) this.#offer(this.#groupFor(targets, count), targets, count);
    return this.#ties.draw(this.#stream);
  }

  /** Workers with all embeddings of a request under these terms; terms that change are new ones. */
  #holdersFor(id: number): ReadonlySet<number> {
    const terms = this.#terms.get(id);
    if (terms?.embeddingHolders === undefined) return NOBODY;
    const known = this.#holdersOf.get(terms) ?? new Set(terms.embeddingHolders);
    this.#holdersOf.set(terms, known);
    return known;
  }

  /** Which kind of device has room left for the next request. */
  #groupFor(targets: Int32Array, count: number): Group {
    const { onCpu } = this.#attributes;
    const requests = this.#sequences.activeRequests;
    let cpus = 0;
    let cpuLoad = 0;
    let load = 0;
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      cpus += onCpu[target]!;
      cpuLoad += onCpu[target]! * requests[target]!;
      load += requests[target]!;
    }
    const accelerators = count - cpus;
    if (accelerators === 0) return 'cpu';
    const allowed = Math.floor(((load - cpuLoad) * cpus) / (this.#ratio * accelerators));
    return cpuLoad < allowed ? 'cpu' : 'accelerator';
  }

  /** Collects the least loaded of a group; how many there are. */
  #offer(group: Group, targets: Int32Array, count: number): number {
    const requests = this.#sequences.activeRequests;
    this.#ties.clear();
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      if (this.#isIn(group, target)) this.#ties.offer(target, requests[target]!);
    }
    return this.#ties.count;
  }

  #isIn(group: Group, target: number): boolean {
    const { worker, onCpu } = this.#attributes;
    if (group === 'holder') return this.#holders.has(worker[target]!);
    return (onCpu[target] === 1) === (group === 'cpu');
  }
}
