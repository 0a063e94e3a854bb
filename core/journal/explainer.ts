import type { Candidate } from '#core/router/candidate.ts';
import type { Choices, DecisionObserver, Ineligibility } from '#core/router/decision-observer.ts';
import type { BypassQuery } from '#core/router/disaggregation/bypass-query.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import { JournalFlight } from './journal-flight.ts';
import { JournalEntry, JournalReader } from './journal-reader.ts';

/** What a router saw when it decided. */
export interface ExplainedDecision {
  readonly query: Readonly<RouteQuery>;
  /** The target that it chose. */
  readonly target: number;
  /** Everyone that it could choose, in the order of their ids. */
  readonly candidates: readonly Candidate[];
  /** Targets of the fleet that were not eligible. */
  readonly ineligible: number;
  /** What kept each of the router's first targets from it, undefined = it could go there. */
  readonly ineligibility: readonly (Ineligibility | undefined)[];
  /** Where the prompt is prefilled, and what that was judged by; undefined where nobody asked. */
  readonly disaggregation: Judgement | undefined;
}

/** A code of VERDICTS, and the facts behind it. */
export interface Judgement {
  readonly verdict: number;
  readonly facts: Readonly<BypassQuery>;
}

/** Flies a journal up to one decision and looks at what the router sees there, before it is booked. */
export class DecisionExplainer implements DecisionObserver {
  /** Set once the decision has been reached and a target was chosen. */
  explained: ExplainedDecision | undefined;
  readonly #decision: number;
  readonly #reader: JournalReader;
  readonly #policies: UserPolicies | undefined;
  #flight: JournalFlight | undefined;
  /** Decisions before the fact that is being told. */
  #made = 0;

  /**
   * @param file for errors
   * @param decision 0-based number of the decision
   * @param policies those of a user's file, where the journal's router had them
   */
  constructor(file: string, decision: number, policies: UserPolicies | undefined) {
    this.#decision = decision;
    this.#reader = new JournalReader(file);
    this.#policies = policies;
  }

  /** Lines read so far. */
  get line(): number {
    return this.#reader.line;
  }

  /** Flies the next bytes of the journal; false once the decision is made. */
  push(chunk: Uint8Array): boolean {
    const reader = this.#reader;
    reader.push(chunk);
    for (let entry = reader.next(); entry !== JournalEntry.none; entry = reader.next()) {
      if (entry === JournalEntry.header) {
        this.#flight = new JournalFlight(reader, this.#policies);
        this.#flight.router.observer = this;
      } else if (entry === JournalEntry.fact) {
        const { router } = this.#flight!;
        this.#flight!.apply();
        this.#made += router.decisions.count;
        router.decisions.clear();
        if (this.#made > this.#decision) return false;
      }
    }
    return true;
  }

  judged(facts: Readonly<BypassQuery>, verdict: number): void {
    if (this.explained === undefined || !this.#isReached) return;
    this.explained = { ...this.explained, disaggregation: { verdict, facts: { ...facts } } };
  }

  /** The next decision is the one that is looked for. */
  get #isReached(): boolean {
    return this.#made + this.#flight!.router.decisions.count === this.#decision;
  }

  chosen(query: Readonly<RouteQuery>, target: number, choices: Choices): number {
    const { router } = this.#flight!;
    if (this.#isReached) {
      const candidates = router.candidates(query);
      const { targets } = this.#reader.header.router;
      this.explained = {
        query: { ...newRouteQuery(), ...query },
        target,
        candidates,
        ineligible: router.targetCount - candidates.length,
        ineligibility: Array.from({ length: targets }, (_, other) =>
          choices.ineligibilityOf(other),
        ),
        disaggregation: undefined,
      };
    }
    return target;
  }
}
