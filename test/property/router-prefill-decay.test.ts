import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveSequences } from '#core/router/sequences/active-sequences.ts';
import { PrefillDecay } from '#core/router/sequences/prefill-decay.ts';
import { NaivePrefill } from '../reference/naive-prefill.ts';
import { check } from './check.ts';

const REQUESTS = 10;
const duration = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined });
const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'remove'),
  request: fc.nat({ max: REQUESTS - 1 }),
  target: fc.nat({ max: 1 }),
  tokens: fc.nat({ max: 500 }),
  durationNs: duration,
  gapNs: fc.constantFrom(0, 1, 50, 400, 3000),
});
const steps = fc.array(step, { maxLength: 60, size: 'max' });

test('tokens equal those of a plain list, never grow between facts and are never negative', () => {
  check(steps, 150, (drawn) => {
    const decay = new PrefillDecay();
    const naive = [new NaivePrefill(), new NaivePrefill()];
    const targetOf = new Map<number, number>();
    let nowNs = 0;
    for (const { kind, request, target, tokens, durationNs, gapNs } of drawn) {
      const before = naive.map((prompts) => prompts.tokensAt(nowNs));
      for (const part of [0.25, 0.5, 1]) {
        const at = nowNs + Math.round(gapNs * part);
        for (const [id, prompts] of naive.entries()) {
          expect(prompts.tokensAt(at)).toBeLessThanOrEqual(before[id]!);
          expect(prompts.tokensAt(at)).toBeGreaterThanOrEqual(0);
          expect(decay.tokensAt(id, at)).toBe(prompts.tokensAt(at));
        }
      }
      nowNs += gapNs;
      if (kind === 'add' && !targetOf.has(request)) {
        decay.add(request, target, tokens, durationNs, nowNs);
        naive[target]!.add(request, tokens, durationNs, nowNs);
        targetOf.set(request, target);
      } else if (kind === 'remove' && targetOf.has(request)) {
        const own = targetOf.get(request)!;
        decay.remove(request, own, nowNs);
        decay.remove(request, own, nowNs);
        naive[own]!.remove(request, nowNs);
        targetOf.delete(request);
      }
      for (const own of new Set(targetOf.values())) {
        for (const ahead of [0, 1, 77, 5000]) {
          expect(decay.tokensAt(own, nowNs + ahead)).toBe(naive[own]!.tokensAt(nowNs + ahead));
        }
      }
    }
  });
});

test('the moment at which tokens fall to a limit is the first one', () => {
  check(fc.tuple(steps, fc.nat({ max: 900 })), 300, ([drawn, limit]) => {
    const decay = new PrefillDecay();
    let nowNs = 0;
    for (const [request, { tokens, durationNs, gapNs }] of drawn.entries()) {
      nowNs += gapNs;
      decay.add(request, 0, tokens, durationNs, nowNs);
    }
    if (drawn.length === 0) return;
    const atNs = decay.fallsToNs(0, limit, nowNs);
    if (atNs === Number.POSITIVE_INFINITY) {
      expect(decay.tokensAt(0, nowNs + 1e9)).toBeGreaterThan(limit);
      return;
    }
    expect(decay.tokensAt(0, atNs)).toBeLessThanOrEqual(limit);
    if (atNs > nowNs) expect(decay.tokensAt(0, atNs - 1)).toBeGreaterThan(limit);
  });
});

test('a prompt done out of order changes nothing, where all take equally long a token', () => {
  const prompts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 8 });
  check(fc.tuple(prompts, fc.nat(), fc.nat({ max: 4000 })), 400, ([tokens, pick, waitNs]) => {
    const decay = new PrefillDecay();
    const nsPerToken = 7;
    for (const [request, count] of tokens.entries()) {
      decay.add(request, 0, count, count * nsPerToken, 0);
    }
    const gone = 1 + (pick % (tokens.length - 1));
    // The engine has had time for it; less would mean that it was done sooner than it can be.
    const nowNs = tokens[gone]! * nsPerToken + waitNs;
    const before = decay.tokensAt(0, nowNs);
    decay.remove(gone, 0, nowNs);
    const after = decay.tokensAt(0, nowNs);
    expect(Math.abs(after - before)).toBeLessThanOrEqual(1);
  });
});

test('as load: a target that has waited is told to have less, and zero in the end', () => {
  const forest = { parent: Int32Array.of(), attach: Int32Array.of(), length: Int32Array.of() };
  const sequences = new ActiveSequences(forest, { prefillDecays: true });
  const load = { leaf: -1, leafBlocks: 0, privateBlocks: 0 };
  sequences.add(0, 1, { ...load, prefillTokens: 100, expectedPrefillNs: 1000 }, 0);
  sequences.add(1, 1, { ...load, prefillTokens: 50, expectedPrefillNs: 500 }, 200);
  const told: number[] = [];
  const at = (nowNs: number) => {
    sequences.catchUp(nowNs, false, (target) => told.push(target));
    return sequences.activePrefillTokens[1];
  };
  // 150 − ⌊100 · 0.2⌋, then the decay goes on past the oldest, and stops at nothing.
  expect([at(200), at(1000), at(1200), at(9000)]).toEqual([130, 50, 30, 0]);
  expect(told).toEqual([1, 1, 1]);
  sequences.prefillCompleted(0, 9000);
  expect(at(9000)).toBe(50);
  sequences.free(1, 9100);
  expect(at(9100)).toBe(0);
});
