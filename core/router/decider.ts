import type { RandomStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import type { SessionAffinity } from './affinity/session-affinity.ts';
import type { DecisionObserver } from './decision-observer.ts';
import { ALL_WORKERS_FILTERED, DecisionLog, REMOTE_PREFILL, ROUTED } from './decisions.ts';
import type { ConditionalDisaggregation } from './disaggregation/conditional.ts';
import { isBypass, REMOTE_DECODE_BUSY } from './disaggregation/verdict.ts';
import type { Eligibility } from './eligibility/eligibility.ts';
import type { Fleet } from './fleet.ts';
import type { RoutedIndex } from './index/approximate/routed-index.ts';
import { isInformed, type RouterOptions } from './options.ts';
import { newScoreExplanation } from './policies/kv/score-explanation.ts';
import type { RoutingPolicy } from './policies/routing-policy.ts';
import type { RouteQuery } from './query.ts';
import type { OutsideBooking } from './replicas/outside-booking.ts';
import type { ActiveSequences } from './sequences/active-sequences.ts';
import {
  openPrefillLoad,
  type PrefillLoadModel,
} from './sequences/prefill-load/prefill-load-model.ts';
import { fillLoad, fillOutsideLoad, newSequenceLoad } from './sequences/request-load.ts';
import type { TermsTable } from './terms-table.ts';

/** What a decision looks at and changes. */
export interface DeciderParts {
  readonly fleet: Fleet;
  readonly eligibility: Eligibility;
  readonly policy: RoutingPolicy;
  readonly sequences: ActiveSequences;
  readonly terms: TermsTable;
  /** What the router remembers of its own decisions, where it believes that. */
  readonly routed: RoutedIndex | undefined;
  readonly affinity: SessionAffinity | undefined;
  /** What the policy draws from. */
  readonly stream: RandomStream;
  /** Absent where it is not asked where prompts are prefilled. */
  readonly disaggregation: ConditionalDisaggregation | undefined;
}

/** Decides for requests that the policy has prepared, one at a time, and books them as load. */
export class Decider {
  readonly decisions = new DecisionLog();
  /** The terms of the last decision of the KV mode, where the options ask for them; reused. */
  readonly explanation = newScoreExplanation();
  /** Looks on while decisions are made. */
  observer: DecisionObserver | undefined;
  readonly #options: RouterOptions;
  readonly #parts: DeciderParts;
  readonly #prefillLoad: PrefillLoadModel;
  readonly #informed: boolean;
  readonly #explains: boolean;
  readonly #load = newSequenceLoad();

  constructor(options: RouterOptions, parts: DeciderParts) {
    this.#options = options;
    this.#parts = parts;
    this.#informed = isInformed(options.mode);
    this.#explains = options.explains === true || options.routerHints === true;
    this.#prefillLoad = openPrefillLoad(options.prefillLoad ?? { model: 'none' });
  }

  /** Decides for the prepared query and books it; the target whose load has changed, −1 = none. */
  decide(query: RouteQuery, queued: number, nowNs: Ns): number {
    const { policy, eligibility, affinity } = this.#parts;
    const pinnedTarget = this.#pinOf(query);
    const asked = this.#askedBy(query);
    const outcome = eligibility.resolve(pinnedTarget, query.terms);
    const chosen = outcome === ROUTED ? this.#choose(query, pinnedTarget) : -1;
    if (chosen < 0) {
      if (asked !== undefined) return this.sendRemote(query, nowNs);
      const refusal = policy.refusal ?? ALL_WORKERS_FILTERED;
      this.reject(query, queued, outcome === ROUTED ? refusal : outcome);
      return -1;
    }
    const target = this.observer?.chosen(query, chosen, eligibility) ?? chosen;
    const overlap = policy.overlapOf(target);
    const cachedTokens = policy.cachedTokensOf(target);
    const best = policy.bestOverlapBlocks();
    const verdict = asked === undefined ? 0 : asked.judge(query, target, nowNs);
    if (asked !== undefined) this.observer?.judged?.(asked.query, verdict);
    if (asked !== undefined && !isBypass(verdict)) {
      this.decisions.append(query.request, -1, overlap, best, queued, REMOTE_PREFILL, verdict);
      return -1;
    }
    if (this.#explains) policy.explain?.(query, target, this.explanation);
    policy.routed?.(query, target);
    affinity?.routed(query.session, target, nowNs);
    const isLoad = pinnedTarget >= 0 || policy.choiceIsFree !== true;
    if (isLoad) this.#book(query, target, cachedTokens, nowNs);
    this.decisions.append(query.request, target, overlap, best, queued, ROUTED, verdict);
    return target;
  }

  /** Nobody here may take the prompt now: it goes to the prefill pool; −1, since no load changes. */
  sendRemote(query: RouteQuery, nowNs: Ns): number {
    this.#parts.disaggregation?.sent(query, nowNs);
    const best = this.#parts.policy.bestOverlapBlocks();
    const outcome = REMOTE_PREFILL;
    this.decisions.append(query.request, -1, 0, best, 0, outcome, REMOTE_DECODE_BUSY);
    return -1;
  }

  /** The target that would be chosen for the prepared query, −1 = none; the draws are taken back. */
  preview(query: RouteQuery): number {
    const { eligibility, stream } = this.#parts;
    const pinnedTarget = this.#pinOf(query);
    if (eligibility.resolve(pinnedTarget, query.terms) !== ROUTED) return -1;
    return stream.peek(() => this.#choose(query, pinnedTarget));
  }

  reject(query: RouteQuery, queued: number, outcome: number): void {
    const best = this.#parts.policy.bestOverlapBlocks();
    this.decisions.append(query.request, -1, 0, best, queued, outcome);
  }

  /** Books a request that another router has decided for. */
  bookOutside(booking: Readonly<OutsideBooking>, nowNs: Ns): void {
    const load = this.#load;
    if (this.#informed) fillOutsideLoad(this.#options, this.#prefillLoad, booking, load);
    this.#parts.sequences.add(booking.request, booking.target, load, nowNs);
  }

  /** Prompt tokens that the best of the targets that `resolve` has found last has cached. */
  bestCachedTokens(query: RouteQuery): number {
    const { policy, eligibility } = this.#parts;
    if (query.pinnedTarget >= 0) return policy.cachedTokensOf(query.pinnedTarget);
    const { everyone, targets, count } = eligibility;
    if (everyone) return policy.bestCachedTokens();
    let best = 0;
    for (let place = 0; place < count; place++) {
      best = Math.max(best, policy.cachedTokensOf(targets[place]!));
    }
    return best;
  }

  /** A pin that came from the session is given up when its target has left. */
  #pinOf({ request, pinnedTarget }: RouteQuery): number {
    const { affinity, fleet } = this.#parts;
    if (affinity === undefined || pinnedTarget < 0 || fleet.has(pinnedTarget)) return pinnedTarget;
    return affinity.isBound(request) ? -1 : pinnedTarget;
  }

  /** Who says where the prompt is prefilled, where that is asked. */
  #askedBy(query: RouteQuery): ConditionalDisaggregation | undefined {
    return query.mayBypass === 1 ? this.#parts.disaggregation : undefined;
  }

  #choose(query: RouteQuery, pinnedTarget: number): number {
    if (pinnedTarget >= 0) return pinnedTarget;
    const { policy, eligibility } = this.#parts;
    return eligibility.everyone ? policy.choose(query) : policy.chooseAmong(query, eligibility);
  }

  #book(query: RouteQuery, target: number, cachedTokens: number, nowNs: Ns): void {
    const load = this.#load;
    const { sequences, terms, routed } = this.#parts;
    if (this.#informed) {
      const overrides = terms.get(query.terms)?.overrides;
      fillLoad(this.#options, overrides, this.#prefillLoad, query, cachedTokens, load);
    }
    sequences.add(query.request, target, load, nowNs);
    routed?.routed(target, query.leaf, query.leafBlocks, nowNs);
    this.#parts.disaggregation?.booked(query.request, target);
  }
}
