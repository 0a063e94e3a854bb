import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newRouteQuery } from '#core/router/query.ts';
import { scoreFcfs } from '#core/router/queue/fcfs/fcfs.ts';
import { scoreLcfs } from '#core/router/queue/lcfs/lcfs.ts';
import { PendingQueue } from '#core/router/queue/pending-queue.ts';
import { scoreWspt } from '#core/router/queue/wspt/wspt.ts';

const SCORES = [
  ['fcfs', scoreFcfs],
  ['lcfs', scoreLcfs],
  ['wspt', scoreWspt],
] as const;

const waiting = fc.record({
  priority: fc.constantFrom(-1, 0, 0, 2),
  strictPriority: fc.constantFrom(0, 0, 0, 1, 7),
  arrivalSeconds: fc.nat({ max: 4 }),
  inputTokens: fc.integer({ min: 1, max: 5 }),
  cachedTokens: fc.nat({ max: 3 }),
  pinnedTarget: fc.constantFrom(-1, -1, 0, 1),
  cancelled: fc.boolean(),
});

test.each(SCORES)(
  '%s: heads leave in the order of one sorted list, a shut lane is skipped',
  (_name, score) => {
    const closedTargets = fc.constantFrom(-2, -1, 0, 1);
    fc.assert(
      fc.property(fc.array(waiting, { maxLength: 40 }), closedTargets, (requests, closed) => {
        const queue = new PendingQueue(score);
        const query = newRouteQuery();
        for (const [request, drawn] of requests.entries()) {
          Object.assign(query, { request, ...drawn });
          queue.push(query, drawn.arrivalSeconds * 1e9, drawn.cachedTokens, new Int32Array());
        }
        for (const [request, { cancelled }] of requests.entries()) {
          if (cancelled) expect(queue.cancel(request, query)).toBe(true);
        }
        const expected = requests
          .map((drawn, request) => {
            const { priority, arrivalSeconds, inputTokens, cachedTokens } = drawn;
            return {
              ...drawn,
              request,
              score: score(priority, arrivalSeconds, inputTokens, cachedTokens),
            };
          })
          .filter(({ cancelled, pinnedTarget }) => !cancelled && pinnedTarget !== closed)
          .sort((a, b) => {
            return (
              b.strictPriority - a.strictPriority || b.score - a.score || a.request - b.request
            );
          });
        const gate = { mayLeave: (pinnedTarget: number) => pinnedTarget !== closed };
        const left: number[] = [];
        while (queue.pop(gate, query)) {
          const drawn = requests[query.request]!;
          expect(query.inputTokens).toBe(drawn.inputTokens);
          expect(query.pinnedTarget).toBe(drawn.pinnedTarget);
          expect(queue.has(query.request)).toBe(false);
          left.push(query.request);
        }
        expect(left).toEqual(expected.map(({ request }) => request));
        const shut = requests.filter((drawn) => !drawn.cancelled && drawn.pinnedTarget === closed);
        expect(queue.count).toBe(shut.length);
      }),
      { numRuns: 200 },
    );
  },
);
