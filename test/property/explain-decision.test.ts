import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecisionExplainer } from '#core/journal/explainer.ts';
import { check } from './check.ts';
import { flightArbitrary } from './random-flight.ts';
import { recordFlight } from './recorded-flight.ts';
import { routedFlightArbitrary } from './routed-flight.ts';

const flight = fc.oneof(
  flightArbitrary(['fixed', 'linear']),
  routedFlightArbitrary(['fixed', 'linear']),
);

test('what is explained is what was decided, and without a temperature nobody costs less', () => {
  check(fc.tuple(flight, fc.nat()), 300, ([drawn, pick]) => {
    const lines = recordFlight(drawn);
    const decisions = lines.filter((line) => line.startsWith('["d"'));
    const decision = pick % decisions.length;
    const [, request, target, cached] = JSON.parse(decisions[decision]!);
    const explainer = new DecisionExplainer('run.journal.jsonl', decision, undefined);
    explainer.push(Buffer.from(`${lines.join('\n')}\n`));
    const { explained } = explainer;
    if (target < 0) {
      expect(explained).toBeUndefined();
      return;
    }
    expect(explained).toMatchObject({ target, query: { request } });
    const chosen = explained?.candidates.find((candidate) => candidate.target === target);
    const { router = {} } = drawn.config as { router?: Record<string, unknown> };
    if (router.mode !== 'kv_router') return;
    expect(chosen?.cachedBlocks).toBe(cached);
    const { override } = drawn.rows[request]?.routing ?? {};
    if ((override?.routerTemperature ?? router.router_temperature ?? 0) !== 0) return;
    for (const { cost } of explained?.candidates ?? []) {
      expect(cost).toBeGreaterThanOrEqual(chosen?.cost ?? Number.NaN);
    }
  });
});
