import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { parseSetOption } from '#core/config/set-option.ts';
import { ablationCandidates } from './ablation.ts';
import { resolveAblation } from './contenders.ts';

function candidates(...sets: readonly string[]): string[] {
  const config = resolveConfig({}, sets.map(parseSetOption));
  return ablationCandidates(config).map(({ name, sets: own }) => `${name}: ${own.join(' ')}`);
}

test('the full cost, and the cost without each term that it has', () => {
  const three = [
    'full cost: ',
    'no cached-prefix credit: router.overlap_score_credit=0',
    'no prefill load: router.cost_without=prefill_load',
    'no active blocks: router.cost_without=active_blocks',
  ];
  expect(candidates()).toEqual(three);
  expect(candidates('router.decode_active_request_weight=2')).toEqual([
    ...three,
    'no active requests: router.decode_active_request_weight=0',
  ]);
  expect(candidates('router.overlap_score_credit=0')).toEqual([three[0], three[2], three[3]]);
});

test('a term is taken out of the cost that the user has written', () => {
  const set = ['router.overlap_score_credit=2', 'router.prefill_load_scale=3'];
  const contenders = resolveAblation({ set: set.map(parseSetOption) });
  const credits = contenders.map(({ config }) => config.router.overlap_score_credit);
  expect(credits).toEqual([2, 0, 2, 2]);
  expect(contenders.every(({ config }) => config.router.prefill_load_scale === 3)).toBe(true);
});

test('a credit that fades goes with its fading, which also goes alone', () => {
  const decay = 'router.overlap_score_credit_decay=0';
  const all = candidates('router.overlap_score_credit_decay=0.5');
  expect(all.slice(1, 3)).toEqual([
    `no cached-prefix credit: router.overlap_score_credit=0 ${decay}`,
    `no fading of the credit: ${decay}`,
  ]);
  const set = [parseSetOption('router.overlap_score_credit_decay=0.5')];
  expect(resolveAblation({ set })).toHaveLength(5);
});

test('a term goes out without what else lives by it: queues, thresholds, output blocks', () => {
  const set = [
    'router.router_queue_threshold=2',
    'router.active_prefill_tokens_threshold=5000',
    'router.active_decode_blocks_threshold=0.9',
    'router.router_track_output_blocks=true',
  ];
  for (const { config } of resolveAblation({ set: set.map(parseSetOption) })) {
    expect(config.router).toMatchObject({
      router_queue_threshold: 2,
      active_prefill_tokens_threshold: 5000,
      active_decode_blocks_threshold: 0.9,
      router_track_prefill_tokens: true,
      router_track_active_blocks: true,
    });
  }
});

test('without prefill tracking the blocks stay, off which the credit is taken', () => {
  expect(candidates('router.router_track_prefill_tokens=false')).toEqual([
    'full cost: ',
    'no cached-prefix credit: router.overlap_score_credit=0',
  ]);
});

test.each([
  [
    'router.mode=random',
    '--ablate: router.mode: cannot take terms out of the cost; received "random"; allowed: kv_router',
  ],
  [
    'router.cost_model=v1.0',
    '--ablate: router.cost_model: cannot take terms out of the cost; received "v1.0"; allowed: current; in the cost of 1.0 the credit has no weight of its own',
  ],
  [
    'router.cost_without=prefill_load',
    '--ablate: router.cost_without: cannot take terms out of the cost; received "prefill_load"; allowed: the whole cost',
  ],
])('%s has no terms to take out', (set, message) => {
  expect(() => candidates(set)).toThrow(InputError);
  expect(() => candidates(set)).toThrow(message);
});
