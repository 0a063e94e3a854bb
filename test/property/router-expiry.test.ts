import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { ActiveSequences } from '#core/router/sequences/active-sequences.ts';
import { check } from './check.ts';

const EXPIRY_S = 300;
const REQUESTS = 12;
const forest = { parent: Int32Array.of(), attach: Int32Array.of(), length: Int32Array.of() };
const load = { leaf: -1, leafBlocks: 0, privateBlocks: 2, prefillTokens: 10 };

const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'free', 'tick', 'tick'),
  request: fc.nat({ max: REQUESTS - 1 }),
  gapS: fc.constantFrom(0, 5, 29, 30, 31, 61, 200),
});

/** Looks every 30 s when something is added, and at every full minute; drops what is too old. */
class NaiveExpiry {
  readonly active = new Map<number, number>();
  #checkedS = 0;
  #sweptS = 0;

  pass(nowS: number, adding: boolean): void {
    for (let sweepS = this.#sweptS + 60; sweepS <= nowS; sweepS += 60) this.#look(sweepS);
    if (adding && nowS - this.#checkedS >= 30) this.#look(nowS);
  }

  #look(atS: number): void {
    this.#checkedS = atS;
    this.#sweptS = Math.floor(atS / 60) * 60;
    for (const [request, sinceS] of [...this.active]) {
      if (atS - sinceS >= EXPIRY_S) this.active.delete(request);
    }
  }
}

test('exactly the stale requests are dropped, and their load with them', () => {
  let dropped = 0;
  check(fc.array(step, { maxLength: 80, size: 'max' }), 300, (steps) => {
    const sequences = new ActiveSequences(forest, { requestExpiryNs: EXPIRY_S * NS_PER_S });
    const naive = new NaiveExpiry();
    let nowS = 0;
    sequences.reserveTargets(1);
    for (const { kind, request, gapS } of steps) {
      nowS += gapS;
      const nowNs = nowS * NS_PER_S;
      const adding = kind === 'add' && !naive.active.has(request);
      sequences.catchUp(nowNs, adding, () => dropped++);
      naive.pass(nowS, adding);
      if (adding) {
        sequences.add(request, 0, load, nowNs);
        naive.active.set(request, nowS);
      } else if (kind === 'free') {
        sequences.free(request, nowNs);
        naive.active.delete(request);
      }
      for (let id = 0; id < REQUESTS; id++) {
        expect(sequences.targetOf(id) >= 0).toBe(naive.active.has(id));
      }
      expect(sequences.activeRequests[0]).toBe(naive.active.size);
      expect(sequences.activeBlocks[0]).toBe(2 * naive.active.size);
      expect(sequences.activePrefillTokens[0]).toBe(10 * naive.active.size);
    }
  });
  expect(dropped).toBeGreaterThan(500);
});

test('the announced sweep is the one that drops the oldest request', () => {
  const admitted = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: REQUESTS });
  check(admitted, 200, (seconds) => {
    const sequences = new ActiveSequences(forest, { requestExpiryNs: EXPIRY_S * NS_PER_S });
    const sorted = seconds.toSorted((a, b) => a - b);
    for (const [request, atS] of sorted.entries()) sequences.add(request, 0, load, atS * NS_PER_S);
    const sweepNs = sequences.nextStaleNs();
    const drops = (nowNs: number) => {
      let count = 0;
      sequences.catchUp(nowNs, false, () => count++);
      return count;
    };
    expect(drops(sweepNs - 1)).toBe(0);
    expect(drops(sweepNs)).toBeGreaterThan(0);
    expect(sequences.targetOf(0)).toBe(-1);
  });
});
