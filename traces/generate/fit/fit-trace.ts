import { NumberColumn } from '../../inspect/distribution.ts';
import type { LoadedTrace } from '../../loaded-trace.ts';
import { ClassedValues, LENGTH_CLASSES, lengthClass } from './classes.ts';
import { fitArrivals } from './fit-arrivals.ts';
import { hitCurveOf } from './marginals.ts';
import { quantilesOf } from './quantiles.ts';
import { FIT_ABOUT, FIT_FORMAT, FIT_VERSION, type SharingFit, type TraceFit } from './trace-fit.ts';
import { type WalkedRow, walkTrace } from './trace-walk.ts';

const PARTS = 256;
/** Classes of shared blocks: 1, 2–3, 4–7, … */
export const AGE_CLASSES = 20;

/** Describes a trace by distributions; nothing of a single request is left but extreme values. */
export function fitTrace(trace: LoadedTrace): TraceFit {
  const inputTokens = columnOf(trace, (batch) => batch.inputTokens);
  const outputTokens = columnOf(trace, (batch) => batch.outputTokens);
  const lengths = quantilesOf(inputTokens, PARTS)!;
  const outputs = new ClassedValues(LENGTH_CLASSES);
  const begins = new NumberColumn();
  const sharing = new SharingStatistics();
  const sessions = new SessionStatistics(trace.traceBlockSize);
  for (const walked of walkTrace(trace.batches)) {
    const { batch, row, turn, before } = walked;
    const input = batch.inputTokens[row]!;
    const lengthClassOfRow = lengthClass(lengths, input);
    outputs.add(lengthClassOfRow, batch.outputTokens[row]!);
    sessions.add(walked, before === undefined ? 0 : lengthClass(lengths, before.inputTokens));
    if (turn > 0) continue;
    sharing.add(walked, lengthClassOfRow);
    const timestampMs = batch.timestampMs[row]!;
    if (!Number.isNaN(timestampMs)) begins.push(timestampMs);
  }
  const arrivals = fitArrivals(begins.sorted());
  const sessionsFit = sessions.fit();
  return {
    format: FIT_FORMAT,
    version: FIT_VERSION,
    about: FIT_ABOUT,
    trace_block_size: trace.traceBlockSize,
    requests: trace.requests,
    has_content: trace.hasContent,
    input_tokens: [...lengths],
    output_tokens: outputs.tables(),
    output_tokens_all: [...quantilesOf(outputTokens, PARTS)!],
    ...(arrivals && { arrivals }),
    ...(trace.hasContent && {
      sharing: sharing.fit(trace.requests),
      hit_ratio_curve: hitRatioCurve(trace),
    }),
    ...(sessionsFit && { sessions: sessionsFit }),
  };
}

function columnOf(
  { batches }: LoadedTrace,
  pick: (batch: LoadedTrace['batches'][number]) => ArrayLike<number>,
): Float64Array {
  const column = new NumberColumn();
  for (const batch of batches) {
    const values = pick(batch);
    for (let row = 0; row < batch.count; row++) column.push(values[row]!);
  }
  return column.sorted();
}

function hitRatioCurve({ batches, traceBlockSize }: LoadedTrace): [number, number][] {
  return hitCurveOf(batches, traceBlockSize).map(([blocks, ratio]) => [
    blocks,
    Math.round(ratio * 1e5) / 1e5,
  ]);
}

/** The class of a number of shared blocks: 1, 2–3, 4–7, … */
export function ageClass(blocks: number): number {
  return Math.min(AGE_CLASSES - 1, Math.floor(Math.log2(blocks)));
}

/** What first turns share with all that came before. */
class SharingStatistics {
  readonly #branchBlocks = new ClassedValues(LENGTH_CLASSES);
  readonly #continuedPart = new ClassedValues(LENGTH_CLASSES);
  readonly #branchAge = new ClassedValues(AGE_CLASSES);
  readonly #continuedAge = new ClassedValues(AGE_CLASSES);
  readonly #rows = new Array<number>(LENGTH_CLASSES).fill(0);
  readonly #nothing = new Array<number>(LENGTH_CLASSES).fill(0);
  readonly #branches = new Array<number>(LENGTH_CLASSES).fill(0);
  #continuations = 0;
  #continuedAges = 0;

  add({ batch, row, shared, age, continues }: WalkedRow, index: number): void {
    const blocks = batch.hashStart[row + 1]! - batch.hashStart[row]!;
    this.#rows[index]!++;
    if (shared === 0) {
      this.#nothing[index]!++;
    } else if (continues && batch.sessionId[row] === undefined) {
      this.#continuations++;
      this.#continuedAges += age;
      this.#continuedPart.add(index, shared / blocks);
      this.#continuedAge.add(ageClass(shared), age);
    } else {
      this.#branches[index]!++;
      this.#branchBlocks.add(index, shared);
      this.#branchAge.add(ageClass(shared), age);
    }
  }

  fit(requests: number): SharingFit {
    // A prompt that goes on from `age` requests ago can only come after as many: the share of those
    // that would is larger than the share of those that do, the more so the shorter the trace.
    const possible = 1 - this.#continuedAges / Math.max(1, this.#continuations) / requests;
    const shares = this.#rows.map((rows, index) => {
      if (rows === 0) return { nothing: 1, branch: 0 };
      const nothing = this.#nothing[index]! / rows;
      const continued = Math.min(
        1 - nothing,
        (1 - nothing - this.#branches[index]! / rows) / possible,
      );
      return { nothing, branch: Math.max(0, 1 - nothing - continued) };
    });
    return {
      nothing: shares.map(({ nothing }) => nothing),
      branch: shares.map(({ branch }) => branch),
      branch_blocks: this.#branchBlocks.tables(),
      continued_part: this.#continuedPart.tables(),
      branch_age: this.#branchAge.tables(),
      continued_age: this.#continuedAge.tables(),
    };
  }
}

/** How the turns of sessions follow each other. */
class SessionStatistics {
  readonly #blockSize: number;
  readonly #turns = new Map<string, number>();
  readonly #think = new NumberColumn();
  readonly #first = new NumberColumn();
  readonly #growth = new ClassedValues(LENGTH_CLASSES);
  readonly #kept = new ClassedValues(LENGTH_CLASSES);
  #alone = 0;

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  add({ batch, row, before }: WalkedRow, classBefore: number): void {
    const session = batch.sessionId[row];
    if (before === undefined) this.#first.push(batch.inputTokens[row]!);
    if (session === undefined) {
      this.#alone++;
      return;
    }
    this.#turns.set(session, (this.#turns.get(session) ?? 0) + 1);
    if (before === undefined) return;
    const delayMs = batch.delayMs[row]!;
    const thinkMs = Number.isNaN(delayMs) ? batch.timestampMs[row]! - before.timestampMs : delayMs;
    if (thinkMs >= 0) this.#think.push(thinkMs);
    const input = batch.inputTokens[row]!;
    this.#growth.add(classBefore, input - before.inputTokens);
    const full = Math.floor(Math.min(input, before.inputTokens) / this.#blockSize);
    const start = batch.hashStart[row]!;
    let same = 0;
    while (same < full && batch.hashIds[start + same] === before.ids[same]) same++;
    if (full > 0) this.#kept.add(classBefore, same / full);
  }

  fit(): NonNullable<TraceFit['sessions']> | undefined {
    if (this.#turns.size === 0) return undefined;
    const think = quantilesOf(this.#think.sorted(), 128);
    return {
      share: this.#turns.size / (this.#turns.size + this.#alone),
      turns: [...quantilesOf(Float64Array.from(this.#turns.values()).sort(), 128)!],
      first_input_tokens: [...quantilesOf(this.#first.sorted(), PARTS)!],
      ...(think && { think_ms: [...think] }),
      growth_tokens: this.#growth.tables(),
      kept: this.#kept.tables(),
    };
  }
}
