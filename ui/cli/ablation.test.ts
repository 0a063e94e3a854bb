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
    'no prefill load: router.router_track_prefill_tokens=false',
    'no active blocks: router.router_track_active_blocks=false',
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

test.each([
  [
    'router.mode=random',
    '--ablate: router.mode: cannot take terms out of the cost; received "random"; allowed: kv_router',
  ],
  [
    'router.cost_model=v1.0',
    '--ablate: router.cost_model: cannot take terms out of the cost; received "v1.0"; allowed: current',
  ],
  [
    'router.router_queue_threshold=2',
    '--ablate: router.router_queue_threshold: cannot take terms out of the cost; received 2; allowed: no queue, which needs prefill load',
  ],
])('%s has no terms to take out', (set, message) => {
  expect(() => candidates(set)).toThrow(InputError);
  expect(() => candidates(set)).toThrow(message);
});
