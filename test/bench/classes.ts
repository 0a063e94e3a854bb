import { openStream } from '#core/base/random.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { type LaneGate, PendingQueue } from '#core/router/queue/pending-queue.ts';
import { judge, printTable } from './support/print.ts';
import { type Timing, timingOf } from './support/timing.ts';

const REQUESTS = 4_096;
const CLASSES = [1, 10, 100, 1_000, 10_000];
const BUSY_TOKENS = 1;
const ROUNDS = 40;
const WARMUPS = 10;
const NO_OVERLAPS = new Int32Array();

/** Enter, look while all are busy, leave; then enter again and give up. Shortest prompts first. */
const PHASES = ['enter', 'blocked', 'leave', 'give up'] as const;

/** A queue of so many classes, through which the same requests go again and again. */
class ClassBench {
  readonly #queue: PendingQueue;
  readonly #query = newRouteQuery();
  readonly #classOf: Int32Array;
  readonly #tokens: Int32Array;
  #isBusy = false;

  constructor(classes: number) {
    const stream = openStream(7, 'bench.classes');
    const profile = Array.from({ length: classes }, (_, place) => {
      return { name: `c${place}`, queuePolicy: 'wspt' as const, quantum: 512 };
    });
    const gate: LaneGate = { leastPrefillTokens: () => (this.#isBusy ? BUSY_TOKENS + 1 : 0) };
    const thresholds = profile.map(() => BUSY_TOKENS);
    this.#queue = new PendingQueue(profile, thresholds, gate, true);
    this.#classOf = Int32Array.from({ length: REQUESTS }, () => stream.nextBelow(classes));
    this.#tokens = Int32Array.from({ length: REQUESTS }, () => 1 + stream.nextBelow(16_384));
  }

  /** All requests come, each to its class. */
  enter(): void {
    const query = this.#query;
    for (let request = 0; request < REQUESTS; request++) {
      query.request = request;
      query.inputTokens = this.#tokens[request]!;
      this.#queue.push(query, this.#classOf[request]!, request, 0, NO_OVERLAPS);
    }
  }

  /** As many looks at the queue while every target is busy. */
  blocked(): void {
    this.#isBusy = true;
    for (let look = 0; look < REQUESTS; look++) {
      if (this.#queue.pop(this.#query) !== undefined) throw new Error('nobody may leave');
    }
    this.#isBusy = false;
  }

  /** All leave, class by class as their quanta allow. */
  leave(): void {
    let left = 0;
    while (this.#queue.pop(this.#query) !== undefined) left++;
    if (left !== REQUESTS) throw new Error(`${left} of ${REQUESTS} requests have left`);
  }

  /** All are given up while they wait. */
  giveUp(): void {
    for (let request = 0; request < REQUESTS; request++) {
      this.#queue.cancel(request, this.#query);
    }
    if (this.#queue.count > 0) throw new Error('somebody still waits');
  }
}

/** Plays all phases once and adds their times, by the order of PHASES. */
function playRound(bench: ClassBench, runsMs: readonly number[][]): void {
  time(runsMs[0], () => bench.enter());
  time(runsMs[1], () => bench.blocked());
  time(runsMs[2], () => bench.leave());
  bench.enter();
  time(runsMs[3], () => bench.giveUp());
}

function time(runsMs: number[] | undefined, body: () => void): void {
  const startMs = performance.now();
  body();
  runsMs?.push(performance.now() - startMs);
}

/** The phases of one queue; a round before each timed one brings its memory near. */
function measurePhases(classes: number): readonly Timing[] {
  const bench = new ClassBench(classes);
  const runsMs: number[][] = PHASES.map(() => []);
  for (let round = -WARMUPS; round < ROUNDS; round++) playRound(bench, round < 0 ? [] : runsMs);
  return runsMs.map(timingOf);
}

/** Policy classes of the router's queue: what thousands of them cost beside one. */
export function run(): void {
  // Once for the compiler, which should have seen few and many before anything is timed.
  for (const classes of CLASSES) measurePhases(classes);
  const timings = CLASSES.map(measurePhases);
  console.log(
    `${REQUESTS.toLocaleString('en')} requests through the router's queue, best / median:`,
  );
  printTable(
    ['classes', ...PHASES.map((phase) => `${phase}, µs`)],
    CLASSES.map((classes, place) => [
      classes.toLocaleString('en'),
      ...timings[place]!.map(({ bestMs, medianMs }) => {
        return `${(bestMs * 1000).toFixed(0)} / ${(medianMs * 1000).toFixed(0)}`;
      }),
    ]),
  );
  for (const [place, phase] of PHASES.entries()) {
    // A phase is shorter than a turn of another process, so that the best run is the undisturbed one.
    const one = timings[0]![place]!.bestMs;
    const many = timings.at(-1)![place]!.bestMs;
    judge(`${phase}: 10,000 classes against one`, many / one, 'most', 2);
  }
}
