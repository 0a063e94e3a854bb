import { expect, test } from 'vitest';
import { isWritten, withShortFlags } from './short-flags.ts';

test('a flag becomes the key that it stands for, after the --set options', () => {
  const sets = [{ path: 'cluster.workers', value: 8 }];
  expect(withShortFlags(sets, { maxNumSeqs: 16, ttft: 500, quiet: true }, {})).toEqual([
    { path: 'cluster.workers', value: 8 },
    { path: 'engine.max_num_seqs', value: 16, flag: '--max-num-seqs' },
    { path: 'slo.ttft_ms', value: 500, flag: '--ttft' },
  ]);
  expect(withShortFlags([], { engineStepping: 'exact' }, {})).toEqual([
    { path: 'engine.stepping', value: 'exact', flag: '--engine-stepping' },
  ]);
});

test('a request rate alone means Poisson arrivals, unless the user chose', () => {
  const poisson = { path: 'workload.arrivals', value: 'poisson', flag: '--request-rate' };
  const file = { workload: { arrivals: 'constant' } };
  expect(withShortFlags([], { requestRate: 5 }, {})).toContainEqual(poisson);
  expect(withShortFlags([], { requestRate: 5 }, file)).not.toContainEqual(poisson);
  expect(withShortFlags([], { requestRate: 5, concurrency: 2 }, {})).not.toContainEqual(poisson);
});

test('a flag and a --set of the same key are refused', () => {
  const sets = [{ path: 'workload.concurrency', value: 5 }];
  expect(() => withShortFlags(sets, { concurrency: 4 }, {})).toThrow(/said twice: --concurrency/);
});

test('a key is written in the file, by --set, or inside a section that is set', () => {
  const path = 'workload.arrival_jitter';
  expect(isWritten([], { workload: { arrival_jitter: false } }, path)).toBe(true);
  expect(isWritten([{ path, value: false }], {}, path)).toBe(true);
  expect(isWritten([{ path: 'workload', value: { arrival_jitter: true } }], {}, path)).toBe(true);
  expect(isWritten([{ path: 'workload', value: { num_requests: 3 } }], {}, path)).toBe(false);
});
