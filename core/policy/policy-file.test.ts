import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { NOWHERE } from '#test/reference/user-policy.ts';
import { readPolicyExports } from './policy-file.ts';

function refusalOf(exports: Readonly<Record<string, unknown>>): string {
  try {
    readPolicyExports(exports, NOWHERE);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message.replace('policy.ts: ', '');
  }
  return 'accepted';
}

const score = (): number => 0;

test('each export is a policy, and what is absent stays absent', () => {
  const selection = { scorers: [{ name: 'mine', weight: 2, score }], picker: { kind: 'random' } };
  const read = readPolicyExports({ selection }, NOWHERE);
  expect(Object.keys(read)).toEqual(['selection']);
  expect(read.selection?.selection).toBe(selection);
  const order = readPolicyExports({ queueOrder: () => 7 }, NOWHERE);
  expect(Object.keys(order)).toEqual(['queueOrder']);
  expect(order.queueOrder?.(0, 1, 2, 3)).toBe(7);
});

test('a queue order is shown the request, and may not change or mislead', () => {
  const seen: unknown[] = [];
  const told = readPolicyExports({ queueOrder: (one: unknown) => seen.push(one) }, NOWHERE);
  told.queueOrder?.(1, 2, 3, 4);
  expect(seen).toEqual([{ priority: 1, arrivalSeconds: 2, inputTokens: 3, cachedTokens: 4 }]);
  expect(Object.isFrozen(seen[0])).toBe(true);
  const wrong = readPolicyExports({ queueOrder: () => -Infinity }, NOWHERE);
  expect(() => wrong.queueOrder?.(0, 1.5, 300, 0)).toThrow(
    'policy.ts: queueOrder: returned nonsense for a prompt of 300 tokens that arrived at 1.5 s; received -Infinity; allowed: a finite number',
  );
});

test('an eviction score is asked, and may not mislead', () => {
  const run = { blocks: 3, depth: 5, hits: 1, stored: 2, released: 4, generated: false };
  expect(readPolicyExports({ eviction: () => 7 }, NOWHERE).eviction?.(run)).toBe(7);
  const wrong = readPolicyExports({ eviction: () => undefined }, NOWHERE);
  expect(() => wrong.eviction?.(run)).toThrow(
    'policy.ts: eviction: returned nonsense for 3 blocks that end at block 5 of their prompt; received undefined; allowed: a finite number',
  );
  expect(() => readPolicyExports({ eviction: 'lru' }, NOWHERE)).toThrow(
    'policy.ts: eviction: bad value; received "lru"; allowed: a function of a run of inactive blocks',
  );
});

test.each<[Readonly<Record<string, unknown>>, string]>([
  [
    {},
    'exports no policy; allowed: export const selection = … or export const queueOrder = … or export const eviction = … or export const disaggregate = …',
  ],
  [
    { selektion: {} },
    'selektion: unknown export; allowed: selection, queueOrder, eviction, disaggregate; did you mean "selection"?; what the policies share need not be exported',
  ],
  [
    { selection: 7 },
    'selection: bad value; received 7; allowed: a selection, or a function that makes one',
  ],
  [{ selection: {} }, 'selection: bad value; received {}; allowed: filters, scorers or a picker'],
  [
    { selection: { scorer: [] } },
    'selection.scorer: unknown key; allowed: filters, scorers, picker, inputs, routed; did you mean "scorers"?',
  ],
  [
    { selection: { scorers: { score } } },
    'selection.scorers: bad value; received {}; allowed: a list',
  ],
  [
    { selection: { scorers: [{ score, scoreAll: score }] } },
    'selection.scorers[0]: bad value; received "score and scoreAll"; allowed: either score or scoreAll, a function',
  ],
  [
    { selection: { filters: [{ name: 'empty' }] } },
    'selection.filters[0]: bad value; received "neither"; allowed: either keep or keepAll, a function',
  ],
  [
    { selection: { scorers: [{ score, weight: '2' }] } },
    'selection.scorers[0].weight: bad value; received "2"; allowed: a finite number',
  ],
  [
    { selection: { scorers: [{ score: 3 }] } },
    'selection.scorers[0].score: bad value; received 3; allowed: a function of (candidate, request)',
  ],
  [
    { selection: { picker: { kind: 'best' } } },
    'selection.picker.kind: bad value; received "best"; allowed: max-score, random, weighted-random, softmax',
  ],
  [
    { selection: { picker: { kind: 'softmax', temperature: 0 } } },
    'selection.picker.temperature: bad value; received 0; allowed: a finite number above 0',
  ],
  [
    { selection: { picker: { pick: 1 } } },
    'selection.picker.pick: bad value; received 1; allowed: a function of (candidates, scores, …)',
  ],
  [
    { selection: { scorers: [{ score }], inputs: ['cash'] } },
    'selection.inputs: bad value; received "cash"; allowed: cache, load',
  ],
  [
    { queueOrder: { by: 'size' } },
    'queueOrder: bad value; received {"by":"size"}; allowed: a function of a waiting request',
  ],
  [
    { disaggregate: true },
    'disaggregate: bad value; received true; allowed: a function of a request that gives true or false',
  ],
])('%j is refused in full words', (exports, message) => {
  expect(refusalOf(exports)).toBe(message);
});
