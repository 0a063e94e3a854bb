import { growColumn } from '#core/base/columns.ts';
import { callReturned, callThrew, type UserCall, type UserSource } from '#core/base/user-code.ts';
import type { NamedScore } from '../../candidate.ts';
import type {
  Candidate,
  CustomPicker,
  Filter,
  FleetFacts,
  PolicyRandom,
  RouteRequest,
  Scorer,
  Selection,
  SelectionExport,
} from './selection.ts';

/** A selection of a user's file, and how to make the one of a run. */
export interface SelectionPolicy {
  readonly source: UserSource;
  readonly selection: SelectionExport;
  /** Refuses a selection of the wrong shape; a function's result is checked when a run begins. */
  readonly checkShape: (selection: unknown) => Selection;
}

/** Opens the selection of one run. */
export function openSelection(policy: SelectionPolicy, fleet: FleetFacts): Selection {
  const { selection, source, checkShape } = policy;
  if (typeof selection !== 'function') return selection;
  const call: UserCall = { source, path: 'selection', code: selection, about: 'the fleet' };
  return checkShape(guarded(call, () => selection(Object.freeze({ ...fleet }))));
}

/**
 * Calls the functions of one selection and lets nothing through that is no answer. Each method
 * takes the candidates of the moment and writes or returns what the user's function said of them.
 */
export class UserSelection {
  readonly #selection: Selection;
  readonly #source: UserSource;
  readonly #random: PolicyRandom;
  /** What each scorer gave the candidates of the last request, weighted, by their places. */
  readonly #given: Float64Array<ArrayBuffer>[];

  constructor(selection: Selection, source: UserSource, random: PolicyRandom) {
    this.#selection = selection;
    this.#source = source;
    this.#random = random;
    this.#given = (selection.scorers ?? []).map(() => new Float64Array(16));
  }

  /** The candidates that pass all filters, in their order; the same list where all pass. */
  filter(candidates: readonly Candidate[], request: RouteRequest): readonly Candidate[] {
    let left = candidates;
    for (const [index, filter] of (this.#selection.filters ?? []).entries()) {
      if (left.length === 0) return left;
      const kept = this.#keep(filter, index, left, request);
      const passed = left.filter((_, place) => kept[place] === true);
      if (passed.length < left.length) left = Object.freeze(passed);
    }
    return left;
  }

  /** Adds up the weighted scores of candidates[0…] in sums[0…]. */
  score(candidates: readonly Candidate[], request: RouteRequest, sums: Float64Array): void {
    sums.fill(0, 0, candidates.length);
    for (const [index, scorer] of (this.#selection.scorers ?? []).entries()) {
      this.#given[index] = growColumn(this.#given[index]!, candidates.length);
      const weight = scorer.weight ?? 1;
      if (scorer.scoreAll === undefined) {
        this.#scoreEach(scorer, index, weight, candidates, request, sums);
      } else this.#scoreAll(scorer, index, weight, candidates, request, sums);
    }
  }

  /** What each scorer gave the candidate at a place of the last request, weighted. */
  scoresAt(place: number): NamedScore[] {
    return (this.#selection.scorers ?? []).map(({ name }, index) => {
      const score = this.#given[index]![place]!;
      return { name: name ?? `scorers[${index}]`, score };
    });
  }

  /** What a picker of the user chose: the worker of one of the candidates. */
  pick(
    picker: CustomPicker,
    candidates: readonly Candidate[],
    scores: Float64Array,
    request: RouteRequest,
  ): number {
    const call = this.#call('selection.picker', 'pick', picker.name, picker.pick, request);
    const chosen: unknown = guarded(call, () =>
      picker.pick(candidates, scores, request, this.#random),
    );
    if (candidates.some(({ worker }) => worker === chosen)) return chosen as number;
    throw callReturned(call, chosen, `the worker of a candidate: ${listWorkers(candidates)}`);
  }

  /** Tells a policy that remembers where a request went. */
  routed(worker: number, request: RouteRequest): void {
    const { routed } = this.#selection;
    if (routed === undefined) return;
    const call = this.#call('selection', 'routed', undefined, routed, request);
    guarded(call, () => routed.call(this.#selection, worker, request));
  }

  #keep(
    filter: Filter,
    index: number,
    candidates: readonly Candidate[],
    request: RouteRequest,
  ): ArrayLike<boolean> {
    const path = `selection.filters[${index}]`;
    const { keep, keepAll } = filter;
    if (keepAll !== undefined) {
      const call = this.#call(path, 'keepAll', filter.name, keepAll, request);
      const kept: unknown = guarded(call, () =>
        filter.keepAll?.(candidates, request, this.#random),
      );
      return checkList(call, kept, candidates, isBoolean, 'true or false');
    }
    return candidates.map((candidate) => {
      let kept: unknown;
      try {
        kept = filter.keep?.(candidate, request);
      } catch (error) {
        throw callThrew(this.#call(path, 'keep', filter.name, keep, request, candidate), error);
      }
      if (isBoolean(kept)) return kept;
      const call = this.#call(path, 'keep', filter.name, keep, request, candidate);
      throw callReturned(call, kept, 'true or false');
    });
  }

  #scoreEach(
    scorer: Scorer,
    index: number,
    weight: number,
    candidates: readonly Candidate[],
    request: RouteRequest,
    sums: Float64Array,
  ): void {
    const path = `selection.scorers[${index}]`;
    const given = this.#given[index]!;
    for (let place = 0; place < candidates.length; place++) {
      const candidate = candidates[place]!;
      let score: unknown;
      try {
        score = scorer.score?.(candidate, request);
      } catch (error) {
        const call = this.#call(path, 'score', scorer.name, scorer.score, request, candidate);
        throw callThrew(call, error);
      }
      if (!isFiniteNumber(score)) {
        const call = this.#call(path, 'score', scorer.name, scorer.score, request, candidate);
        throw callReturned(call, score, 'a finite number');
      }
      given[place] = weight * score;
      sums[place]! += given[place]!;
    }
  }

  #scoreAll(
    scorer: Scorer,
    index: number,
    weight: number,
    candidates: readonly Candidate[],
    request: RouteRequest,
    sums: Float64Array,
  ): void {
    const path = `selection.scorers[${index}]`;
    const call = this.#call(path, 'scoreAll', scorer.name, scorer.scoreAll, request);
    const scores: unknown = guarded(call, () =>
      scorer.scoreAll?.(candidates, request, this.#random),
    );
    const list = checkList(call, scores, candidates, isFiniteNumber, 'a finite number');
    const given = this.#given[index]!;
    for (let place = 0; place < candidates.length; place++) {
      given[place] = weight * list[place]!;
      sums[place]! += given[place]!;
    }
  }

  #call(
    path: string,
    method: string,
    name: string | undefined,
    code: unknown,
    request: RouteRequest,
    candidate?: Candidate,
  ): UserCall {
    const worker = candidate === undefined ? '' : `, worker ${candidate.worker}`;
    const label = name === undefined ? '' : ` (${name})`;
    return {
      source: this.#source,
      path: `${path}.${method}${label}`,
      code,
      about: `request ${request.id}${worker}`,
    };
  }
}

/** Runs a user's code; what it throws comes out as the error of the call. */
function guarded<Result>(call: UserCall, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw callThrew(call, error);
  }
}

function checkList<Item>(
  call: UserCall,
  received: unknown,
  candidates: readonly Candidate[],
  isItem: (value: unknown) => value is Item,
  what: string,
): ArrayLike<Item> {
  const length = candidates.length;
  const allowed = `${what} for each of the ${length} candidates`;
  if (!isList(received) || received.length !== length) throw callReturned(call, received, allowed);
  for (let place = 0; place < length; place++) {
    const item = received[place];
    if (isItem(item)) continue;
    const about = `${call.about}, worker ${candidates[place]!.worker}`;
    throw callReturned({ ...call, about }, item, what);
  }
  return received as ArrayLike<Item>;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The ids of the candidates, the first of them where there are many. */
function listWorkers(candidates: readonly Candidate[]): string {
  const shown = candidates.slice(0, 16).map(({ worker }) => worker);
  return `${shown.join(', ')}${candidates.length > shown.length ? ', …' : ''}`;
}
