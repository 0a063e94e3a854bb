import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { secondsToNs } from '#core/base/time.ts';
import { newRouteQuery } from '#core/router/query.ts';
import type { PolicyClass } from '#core/router/queue/classes/class-profile.ts';
import { type LaneGate, PendingQueue } from '#core/router/queue/pending-queue.ts';
import { type QueuePolicyName, queueScore } from '#core/router/queue/queue-policy.ts';
import { NaiveClassQueue } from '../reference/naive-class-queue.ts';
import { check } from './check.ts';

const TARGETS = 3;
const POLICIES: readonly QueuePolicyName[] = ['fcfs', 'lcfs', 'wspt'];

const drawnClass = fc.record({
  queuePolicy: fc.constantFrom(...POLICIES),
  quantum: fc.constantFrom(1, 2, 3, 10, 100),
  threshold: fc.constantFrom(0, 5, 5, 20),
});

const push = fc.record({
  kind: fc.constant('push' as const),
  policyClass: fc.nat({ max: 39 }),
  pinnedTarget: fc.constantFrom(-1, -1, -1, -1, 0, 1, 2),
  priority: fc.constantFrom(-1, 0, 0, 2),
  strictPriority: fc.constantFrom(0, 0, 0, 1, 7),
  inputTokens: fc.constantFrom(1, 2, 3, 7, 50, 333),
  cachedTokens: fc.constantFrom(0, 0, 1, 40),
});

const step = fc.oneof(
  { arbitrary: push, weight: 6 },
  {
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      prefillTokens: fc.array(fc.constantFrom(0, 3, 8, 30), {
        minLength: TARGETS,
        maxLength: TARGETS,
      }),
      most: fc.integer({ min: 1, max: 6 }),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), request: fc.nat({ max: 60 }) }),
    weight: 1,
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The queue and the naive one, told the same. */
class QueuePair {
  readonly #naive: NaiveClassQueue;
  readonly #queue: PendingQueue;
  readonly #query = newRouteQuery();
  readonly #classes: readonly PolicyClass[];
  #prefillTokens: readonly number[] = [];
  #requests = 0;

  constructor(classes: readonly PolicyClass[], thresholds: readonly number[], bursts: boolean) {
    this.#classes = classes;
    this.#naive = new NaiveClassQueue(classes, thresholds, bursts);
    const gate: LaneGate = {
      leastPrefillTokens: (pinnedTarget) => {
        return pinnedTarget < 0
          ? Math.min(...this.#prefillTokens)
          : this.#prefillTokens[pinnedTarget]!;
      },
    };
    this.#queue = new PendingQueue(classes, thresholds, gate, bursts);
  }

  play(taken: Step): void {
    if (taken.kind === 'push') this.#push(taken);
    else if (taken.kind === 'leave') this.leave(taken.prefillTokens, taken.most);
    else this.#cancel(taken.request);
    this.#compare();
  }

  /** Lets at most so many leave; each must be the one that the naive queue lets go. */
  leave(prefillTokens: readonly number[], most: number): void {
    this.#prefillTokens = prefillTokens;
    for (let left = 0; left < most; left++) {
      const expected = this.#naive.pop(prefillTokens);
      const departure = this.#queue.pop(this.#query);
      expect(departure === undefined).toBe(expected === undefined);
      if (expected === undefined || departure === undefined) return;
      const { request, inputTokens, pinnedTarget, strictPriority } = this.#query;
      expect({ request, inputTokens, pinnedTarget, strictPriority }).toEqual({
        request: expected.request,
        inputTokens: expected.inputTokens,
        pinnedTarget: expected.pinnedTarget,
        strictPriority: expected.strictPriority,
      });
      expect(departure.enteredNs).toBe(secondsToNs(expected.arrivalSeconds));
      expect(this.#queue.has(request)).toBe(false);
    }
  }

  #push(drawn: Extract<Step, { kind: 'push' }>): void {
    const request = this.#requests++;
    const policyClass = drawn.policyClass % this.#classes.length;
    const cachedTokens = Math.min(drawn.cachedTokens, drawn.inputTokens);
    // Two at a time, so that scores tie.
    const arrivalSeconds = request >> 1;
    this.#naive.push({ ...drawn, request, policyClass, cachedTokens, arrivalSeconds });
    const { pinnedTarget, priority, strictPriority, inputTokens } = drawn;
    Object.assign(this.#query, { request, pinnedTarget, priority, strictPriority, inputTokens });
    const nowNs = secondsToNs(arrivalSeconds);
    this.#queue.push(this.#query, policyClass, nowNs, cachedTokens, new Int32Array());
  }

  #cancel(request: number): void {
    const waits = this.#naive.waiting.some((entry) => entry.request === request);
    this.#naive.cancel(request);
    expect(this.#queue.cancel(request, this.#query)).toBe(waits);
  }

  #compare(): void {
    expect(this.#queue.count).toBe(this.#naive.waiting.length);
    for (const policyClass of this.#classes.keys()) {
      expect(this.#queue.deficitOf(policyClass)).toBe(this.#naive.deficit[policyClass]);
      const {
        requests = 0,
        rawTokens = 0,
        cachedTokens = 0,
      } = this.#queue.usageOf(policyClass) ?? {};
      expect({ requests, rawTokens, cachedTokens }).toEqual(this.#naive.usage(policyClass));
    }
  }
}

test('classes are served as by a ring that is walked word by word, and counters return to 0', () => {
  const drawn = fc.tuple(
    fc.array(drawnClass, { minLength: 1, maxLength: 40 }),
    fc.array(step, { maxLength: 80 }),
    fc.boolean(),
  );
  check(drawn, 600, ([classes, steps, bursts]) => {
    const policyClasses = classes.map(({ queuePolicy, quantum }, number) => {
      return { name: `c${number}`, queuePolicy, quantum };
    });
    const pair = new QueuePair(
      policyClasses,
      classes.map(({ threshold }) => threshold),
      bursts,
    );
    for (const taken of steps) pair.play(taken);
    pair.leave([0, 0, 0], Infinity);
  });
});

test('a score grows with the head start, and with what each policy prefers', () => {
  const tokens = fc.integer({ min: 1, max: 1_000 });
  const drawn = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 99 }), tokens, fc.nat({ max: 999 }));
  check(drawn, 300, ([priority, seconds, inputTokens, cachedTokens]) => {
    const at = (policy: QueuePolicyName, more: { priority?: number; seconds?: number } = {}) =>
      queueScore(policy)(
        priority + (more.priority ?? 0),
        seconds + (more.seconds ?? 0),
        inputTokens,
        cachedTokens,
      );
    for (const policy of POLICIES) {
      expect(at(policy, { priority: 1 })).toBeGreaterThan(at(policy));
    }
    expect(at('fcfs', { seconds: 1 })).toBeLessThan(at('fcfs'));
    expect(at('lcfs', { seconds: 1 })).toBeGreaterThan(at('lcfs'));
    const longer = queueScore('wspt')(priority, seconds, inputTokens + 1, cachedTokens);
    expect(longer).toBeLessThanOrEqual(at('wspt'));
  });
});
