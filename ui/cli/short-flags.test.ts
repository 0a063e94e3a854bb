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
});

test('a burstiness means gamma arrivals, and concurrency beside a rate is a cap', () => {
  expect(withShortFlags([], { requestRate: 5, burstiness: 0.5, concurrency: 2 }, {})).toEqual([
    { path: 'workload.max_concurrency', value: 2, flag: '--concurrency' },
    { path: 'workload.request_rate', value: 5, flag: '--request-rate' },
    { path: 'workload.burstiness', value: 0.5, flag: '--burstiness' },
    { path: 'workload.arrivals', value: 'gamma', flag: '--burstiness' },
  ]);
  expect(withShortFlags([], { concurrency: 2 }, {})).toEqual([
    { path: 'workload.concurrency', value: 2, flag: '--concurrency' },
  ]);
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
