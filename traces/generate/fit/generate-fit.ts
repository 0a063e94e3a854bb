import { openStream, type RandomStream } from '#core/base/random.ts';
import { TraceBatch } from '../../batch.ts';
import { lengthClass, nearestTable } from './classes.ts';
import { BeginTimes } from './draw-begins.ts';
import { ageClass } from './fit-trace.ts';
import { PromptHistory } from './prompt-history.ts';
import { type PromptBlocks, PromptPaths } from './prompt-paths.ts';
import { drawFrom, type QuantileTable, valueAt } from './quantiles.ts';
import type { ArrivalsFit, SessionsFit, SharingFit, TraceFit } from './trace-fit.ts';

/** Rows and ids after which a batch is handed on. */
const BATCH_ROWS = 4_096;
const BATCH_IDS = 1 << 20;
/** How long a turn is taken to last when its follow-up is given a nominal time. */
const NOMINAL_TURN_MS = 400;
const NOMINAL_TOKEN_MS = 15;
/** Where the trace of a fit has no times of arrival: a Poisson process. */
const POISSON_PARTS = 128;

export interface FitOptions {
  readonly requests: number;
  readonly seed: number;
  /** Begins of sessions per second; absent = as in the trace of the fit, or 1. */
  readonly requestRate?: number | undefined;
}

/** A request before its prompt is known. */
interface PlannedTurn {
  readonly timeMs: number;
  readonly session: string | undefined;
  readonly turn: number;
  readonly thinkMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly before: PlannedTurn | undefined;
}

/**
 * Generates a trace that looks like the one of a fit, batch by batch. The same fit, options and seed
 * give the same rows. Turns are planned first (some 200 bytes each), prompts are made as they come.
 */
export function* generateFit(fit: TraceFit, options: FitOptions): Generator<TraceBatch> {
  const turns = planTurns(fit, options);
  const prompts = new PromptSource(fit, openStream(options.seed, 'fit/sharing'));
  let batch = new TraceBatch();
  for (const [index, turn] of turns.entries()) {
    const row = batch.append(index + 1, turn.inputTokens, turn.outputTokens);
    const timed = fit.arrivals !== undefined || options.requestRate !== undefined;
    if (timed) batch.timestampMs[row] = turn.timeMs;
    batch.sessionId[row] = turn.session;
    if (turn.turn > 0) batch.delayMs[row] = turn.thinkMs;
    if (fit.has_content) for (const id of prompts.idsOf(turn)) batch.appendHashId(id);
    if (batch.count < BATCH_ROWS && batch.hashStart[batch.count]! < BATCH_IDS) continue;
    yield batch;
    batch = new TraceBatch();
  }
  if (batch.count > 0) yield batch;
}

/** The turns of all sessions: by time, or session by session where the trace has no times. */
function planTurns(fit: TraceFit, { requests, seed, requestRate }: FitOptions): PlannedTurn[] {
  const timed = fit.arrivals !== undefined || requestRate !== undefined;
  const begins = new BeginTimes(
    fit.arrivals ?? poissonArrivals(requestRate ?? 1),
    requestRate,
    openStream(seed, 'fit/arrivals'),
  );
  const planner = new TurnPlanner(fit, openStream(seed, 'fit/lengths'));
  const turns: PlannedTurn[] = [];
  let known = 0;
  for (let beginMs = begins.next(); known < requests; beginMs = begins.next()) {
    turns.push(...planner.plan(beginMs));
    // What begins later cannot come before what has begun by now.
    if (turns.length >= requests) {
      known = timed
        ? turns.reduce((sum, { timeMs }) => sum + (timeMs <= beginMs ? 1 : 0), 0)
        : requests;
    }
  }
  if (timed) turns.sort((a, b) => a.timeMs - b.timeMs);
  return turns.slice(0, requests);
}

function poissonArrivals(rate: number): ArrivalsFit {
  const gaps = Array.from(
    { length: POISSON_PARTS + 1 },
    (_, part) => -Math.log1p(-Math.min(part / POISSON_PARTS, 0.9999)) * (1_000 / rate),
  );
  return {
    rate_rps: rate,
    span_ms: 3_600_000,
    gap_cv: 1,
    gap_ms: gaps,
    moment_gap_ms: gaps,
    begins_per_moment: [1, 1],
    rate_shape: [1],
  };
}

/** Draws sessions: how many turns, how long, with which pauses. */
class TurnPlanner {
  readonly #fit: TraceFit;
  readonly #random: RandomStream;
  #sessions = 0;

  constructor(fit: TraceFit, random: RandomStream) {
    this.#fit = fit;
    this.#random = random;
  }

  plan(beginMs: number): PlannedTurn[] {
    const random = this.#random;
    const sessions = this.#fit.sessions;
    const isSession = sessions !== undefined && random.nextFloat() < sessions.share;
    const count = isSession ? Math.max(1, Math.round(drawFrom(sessions.turns, random))) : 1;
    const session = isSession ? `s${this.#sessions++}` : undefined;
    const turns: PlannedTurn[] = [];
    let before: PlannedTurn | undefined;
    for (let turn = 0; turn < count; turn++) {
      const thinkMs = turn === 0 ? 0 : this.#thinkMs(sessions!);
      const timeMs = before === undefined ? beginMs : endOf(before) + thinkMs;
      const inputTokens =
        before === undefined ? this.#firstInput() : this.#laterInput(sessions!, before.inputTokens);
      const outputTokens = this.#output(inputTokens);
      before = { timeMs, session, turn, thinkMs, inputTokens, outputTokens, before };
      turns.push(before);
    }
    return turns;
  }

  #thinkMs({ think_ms: table }: SessionsFit): number {
    return table === undefined ? 0 : Math.round(drawFrom(table, this.#random));
  }

  #firstInput(): number {
    const table = this.#fit.sessions?.first_input_tokens ?? this.#fit.input_tokens;
    return Math.max(1, Math.round(drawFrom(table, this.#random)));
  }

  #laterInput({ growth_tokens }: SessionsFit, before: number): number {
    const table = nearestTable(growth_tokens, lengthClass(this.#fit.input_tokens, before));
    const growth = table === undefined ? 0 : drawFrom(table, this.#random);
    return Math.max(1, Math.round(before + growth));
  }

  #output(inputTokens: number): number {
    const table = nearestTable(
      this.#fit.output_tokens,
      lengthClass(this.#fit.input_tokens, inputTokens),
    );
    return table === undefined ? 0 : Math.round(drawFrom(table, this.#random));
  }
}

function endOf({ timeMs, outputTokens }: PlannedTurn): number {
  return timeMs + NOMINAL_TURN_MS + NOMINAL_TOKEN_MS * outputTokens;
}

/** Gives prompts their blocks. */
class PromptSource {
  readonly #fit: TraceFit;
  readonly #random: RandomStream;
  readonly #paths = new PromptPaths();
  readonly #history = new PromptHistory();
  /** Where the last prompt of each session stands in the history. */
  readonly #sessions = new Map<string, number>();

  constructor(fit: TraceFit, random: RandomStream) {
    this.#fit = fit;
    this.#random = random;
  }

  idsOf(turn: PlannedTurn): Uint32Array {
    const blockSize = this.#fit.trace_block_size;
    const blocks = Math.ceil(turn.inputTokens / blockSize);
    const prompt =
      turn.before === undefined
        ? this.#first(turn, blocks)
        : this.#later(turn, turn.before, blocks);
    this.#history.add(prompt, Math.floor(turn.inputTokens / blockSize));
    if (turn.session !== undefined) this.#sessions.set(turn.session, this.#history.count - 1);
    return this.#paths.idsOf(prompt);
  }

  #later(turn: PlannedTurn, before: PlannedTurn, blocks: number): PromptBlocks {
    const { input_tokens, trace_block_size, sessions } = this.#fit;
    const table = nearestTable(sessions!.kept, lengthClass(input_tokens, before.inputTokens));
    const kept = table === undefined ? 1 : drawFrom(table, this.#random);
    const full = Math.floor(Math.min(turn.inputTokens, before.inputTokens) / trace_block_size);
    const shared = Math.round(kept * full);
    const last = this.#sessions.get(turn.session!)!;
    this.#history.share(last, shared);
    return this.#paths.branch(this.#history.promptAt(last), shared, blocks);
  }

  #first(turn: PlannedTurn, blocks: number): PromptBlocks {
    const sharing = this.#fit.sharing!;
    const index = lengthClass(this.#fit.input_tokens, turn.inputTokens);
    const u = this.#random.nextFloat();
    const nothing = sharing.nothing[index]!;
    const branch = sharing.branch[index]!;
    if (u >= nothing && u < nothing + branch) return this.#branch(sharing, index, blocks);
    if (u >= nothing) return this.#continue(sharing, index, turn, blocks);
    return this.#paths.branch(undefined, 0, blocks);
  }

  #branch(sharing: SharingFit, index: number, blocks: number): PromptBlocks {
    const table = nearestTable(sharing.branch_blocks, index);
    const wanted = table === undefined ? 0 : Math.round(drawFrom(table, this.#random));
    const most = Math.min(wanted, blocks);
    const branched = this.#share(most, blocks, sharing.branch_age, (shared, age) => {
      const found = this.#history.findBranch(shared, age);
      if (found >= 0) return [found, shared];
      // Early on nothing is as long: the prompt before is shared as far as it goes.
      const last = this.#history.count - 1;
      const full = last < 0 ? 0 : this.#history.fullBlocks(last);
      return full === 0 ? [-1, 0] : [last, Math.min(full, shared)];
    });
    if (branched !== undefined) return branched;
    // What was used longer ago than the trace began is seen for the first time; its first block, of
    // which there are fewer, may have been seen.
    const first = this.#share(1, blocks, sharing.branch_age, (shared, age) => [
      this.#history.findBranch(shared, age),
      shared,
    ]);
    return first ?? this.#paths.branch(undefined, 0, blocks);
  }

  #continue(sharing: SharingFit, index: number, turn: PlannedTurn, blocks: number): PromptBlocks {
    const table = nearestTable(sharing.continued_part, index);
    const part = table === undefined ? 0 : drawFrom(table, this.#random);
    const most = Math.floor(turn.inputTokens / this.#fit.trace_block_size);
    const wanted = Math.min(most, Math.max(1, Math.round(part * blocks)));
    const continued = this.#share(wanted, blocks, sharing.continued_age, (shared, age) => {
      const found = this.#history.findOpen(shared, age, most);
      return [found, found < 0 ? 0 : this.#history.fullBlocks(found)];
    });
    // Nobody is left to be continued: it still begins as others of its length do.
    return continued ?? this.#branch(sharing, index, blocks);
  }

  #share(
    wanted: number,
    blocks: number,
    ages: SharingFit['branch_age'],
    find: (shared: number, age: number) => readonly [number, number],
  ): PromptBlocks | undefined {
    const table: QuantileTable | undefined =
      wanted < 1 ? undefined : nearestTable(ages, ageClass(wanted));
    if (table === undefined) return undefined;
    const age = Math.max(1, Math.round(valueAt(table, this.#random.nextFloat())));
    if (age > this.#history.count) return undefined;
    const [found, shared] = find(wanted, age);
    if (found < 0) return undefined;
    this.#history.share(found, shared);
    return this.#paths.branch(this.#history.promptAt(found), shared, blocks);
  }
}
