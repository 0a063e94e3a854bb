import type { RandomStream } from '#core/base/random.ts';
import type { Candidate as ExplainedCandidate } from '../../candidate.ts';
import type { Fleet } from '../../fleet.ts';
import type { RouterOptions } from '../../options.ts';
import { newRouteQuery, type RouteQuery } from '../../query.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { QueryScores } from '../kv/query-scores.ts';
import type { EligibleTargets, RoutingPolicy } from '../routing-policy.ts';
import { ScorePicker } from './pickers.ts';
import { RequestView } from './request-view.ts';
import type { Candidate, Picker, PolicyInput } from './selection.ts';
import { TargetView, ViewFacts } from './target-view.ts';
import { openSelection, type SelectionPolicy, UserSelection } from './user-selection.ts';

const ALL_INPUTS: readonly PolicyInput[] = ['cache', 'load'];
const MAX_SCORE: Picker = { kind: 'max-score' };

/** Filters, scorers and a picker of a user's own, see the README. */
export class PipelinePolicy implements RoutingPolicy {
  readonly #fleet: Fleet;
  readonly #query: QueryScores;
  readonly #selection: UserSelection;
  readonly #picker: Picker;
  readonly #builtIn: ScorePicker;
  readonly #facts: ViewFacts;
  readonly #request: RequestView;
  readonly #views: Candidate[] = [];
  /** The fleet as candidates, undefined when a target has left it since. */
  #all: readonly Candidate[] | undefined;
  /** Those that the last request which might not go to everyone might go to. */
  #some: readonly Candidate[] = [];
  #scores = new Float64Array(16);
  /** Whom the last choice has scored, and for which request. */
  #scored: readonly Candidate[] = [];
  #scoredFor = -1;

  constructor(
    policy: SelectionPolicy,
    options: RouterOptions,
    fleet: Fleet,
    query: QueryScores,
    sequences: ActiveSequences,
    stream: RandomStream,
  ) {
    const { blockSize, targets, totalKvBlocks: kvBlocks = 0 } = options;
    const selection = openSelection(policy, { workers: targets, blockSize, kvBlocks });
    const random = Object.freeze({
      float: () => stream.nextFloat(),
      below: (bound: number) => stream.nextBelow(bound),
    });
    this.#fleet = fleet;
    this.#query = query;
    this.#selection = new UserSelection(selection, policy.source, random);
    this.#picker = selection.picker ?? MAX_SCORE;
    this.#builtIn = new ScorePicker(stream);
    const inputs = new Set(selection.inputs ?? ALL_INPUTS);
    this.#facts = new ViewFacts(query, sequences, inputs, blockSize, kvBlocks);
    this.#request = new RequestView(newRouteQuery(), blockSize);
  }

  prepare(query: RouteQuery): void {
    this.#query.prepare(query, Infinity);
  }

  keepOverlaps(): Int32Array {
    return this.#query.cached.save();
  }

  prepareAgain(query: RouteQuery, overlaps: Int32Array): void {
    this.#query.prepareAgain(query, overlaps);
  }

  choose(query: RouteQuery): number {
    this.#facts.preferences = undefined;
    return this.#chooseFrom(this.#candidates(), query);
  }

  chooseAmong(query: RouteQuery, eligible: EligibleTargets): number {
    const { targets, count, hasPreferences } = eligible;
    this.#facts.preferences = hasPreferences ? eligible : undefined;
    return this.#chooseFrom(this.#someOf(targets, count), query);
  }

  /** −1 where the filters leave nobody. */
  #chooseFrom(eligible: readonly Candidate[], query: RouteQuery): number {
    const request = this.#request.show(query);
    const candidates = this.#selection.filter(eligible, request);
    const count = candidates.length;
    this.#scored = candidates;
    this.#scoredFor = query.request;
    if (count === 0) return -1;
    if (this.#scores.length < count) this.#scores = new Float64Array(2 * count);
    const scores = this.#scores.subarray(0, count);
    this.#selection.score(candidates, request, scores);
    const picker = this.#picker;
    if ('pick' in picker) return this.#selection.pick(picker, candidates, scores, request);
    return candidates[this.#builtIn.pick(picker, scores, count)]!.worker;
  }

  /** The request goes to this target. */
  routed(query: RouteQuery, target: number): void {
    this.#selection.routed(target, this.#request.show(query));
  }

  /** What the choice just made saw of a target; nobody is asked again. */
  candidate(query: RouteQuery, target: number): ExplainedCandidate {
    const { sequences } = this.#facts;
    const shared = this.#query.active.blocksOf(target);
    const scored = this.#scoredFor === query.request ? this.#scored : [];
    const place = scored.findIndex(({ worker }) => worker === target);
    return {
      target,
      cost: undefined,
      terms: undefined,
      ...(place >= 0 && { scores: this.#selection.scoresAt(place) }),
      factor: this.#viewOf(target).preferenceFactor,
      cachedBlocks: this.overlapOf(target),
      sharedBlocks: shared,
      prefillTokens: sequences.activePrefillTokens[target]!,
      activeBlocks: sequences.activeBlocks[target]!,
      activeRequests: sequences.activeRequests[target]!,
      additionalBlocks: this.#query.queryBlocks - shared,
    };
  }

  overlapOf(target: number): number {
    return this.#query.cached.blocksOf(target);
  }

  bestOverlapBlocks(): number {
    return this.#query.cached.bestBlocks;
  }

  cachedTokensOf(target: number): number {
    return this.#query.cachedTokensOf(target);
  }

  bestCachedTokens(): number {
    return this.#query.bestCachedTokens();
  }

  loadChanged(_target: number): void {}

  targetRemoved(_target: number): void {
    this.#all = undefined;
  }

  #candidates(): readonly Candidate[] {
    const { targets, count } = this.#fleet;
    // Nobody tells of a new target, but the fleet has grown then.
    if (this.#all?.length === count) return this.#all;
    this.#all = this.#viewsOf(targets, count);
    return this.#all;
  }

  /** The same list again while requests may go to the same targets. */
  #someOf(targets: Int32Array, count: number): readonly Candidate[] {
    const some = this.#some;
    let same = some.length === count;
    for (let place = 0; same && place < count; place++) {
      same = some[place]!.worker === targets[place];
    }
    if (!same) this.#some = this.#viewsOf(targets, count);
    return this.#some;
  }

  #viewsOf(targets: Int32Array, count: number): readonly Candidate[] {
    return Object.freeze(Array.from(targets.subarray(0, count), (target) => this.#viewOf(target)));
  }

  #viewOf(target: number): Candidate {
    this.#views[target] ??= new TargetView(this.#facts, target);
    return this.#views[target];
  }
}
