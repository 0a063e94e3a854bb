import { expect, test } from 'vitest';
import { hostTime } from './host-time.ts';

const greedy = { engine: 'vllm', samples: false, layers: 80, tensorParallel: 4 } as const;

test('the newest engine is meant where neither version nor year is said', () => {
  expect(hostTime(greedy)).toEqual(hostTime({ ...greedy, version: '0.13.0' }));
  expect(hostTime({ ...greedy, version: '1.0.0' })).toEqual(hostTime(greedy));
});

test('an older engine takes longer, the more requests it runs', () => {
  const old = hostTime({ ...greedy, version: '0.11.1' });
  expect(old.perPassMs).toBeGreaterThan(hostTime(greedy).perPassMs);
  expect(old.perRequestMs).toBeGreaterThan(hostTime(greedy).perRequestMs);
});

test('drawing tokens costs where the sampler holds the host', () => {
  const drawn = hostTime({ ...greedy, version: '0.11.1', samples: true });
  const taken = hostTime({ ...greedy, version: '0.11.1' });
  expect(drawn.perRequestMs).toBeGreaterThan(taken.perRequestMs);
  expect(drawn.perPassMs).toBe(taken.perPassMs);
});

test('engines of 2023 start every kernel from the host: layers count, and so do GPUs', () => {
  const year = 2023;
  const passMs = (layers: number, tensorParallel: number) =>
    hostTime({ ...greedy, year, layers, tensorParallel }).perPassMs;
  expect(passMs(80, 4) - passMs(40, 4)).toBeCloseTo(40 * (0.12 + 4 * 0.02), 9);
  expect(passMs(80, 8)).toBeGreaterThan(passMs(80, 4));
});

test.each(['0.10.2', '0.9', '1.1.0rc2.post2', 'nightly'])('version %s has its time', (version) => {
  for (const engine of ['vllm', 'sglang', 'trtllm'] as const) {
    expect(hostTime({ ...greedy, engine, version }).perPassMs).toBeGreaterThan(0);
  }
});

test('an older vLLM that schedules asynchronously takes less for each request', () => {
  const facts = { ...greedy, version: '0.10.2' };
  const told = hostTime({ ...facts, asynchronous: true });
  expect(told.perRequestMs).toBeLessThan(hostTime(facts).perRequestMs);
  // From 0.13 on it does so untold.
  expect(hostTime({ ...greedy, version: '0.15.1', asynchronous: true })).toEqual(
    hostTime({ ...greedy, version: '0.15.1' }),
  );
});

test('a draw sorts the logits of a vocabulary: twice as many take twice as long', () => {
  const facts = { ...greedy, version: '0.11.1' };
  const drawMs = (vocabulary: number) =>
    hostTime({ ...facts, samples: true, vocabulary }).perRequestMs - hostTime(facts).perRequestMs;
  expect(drawMs(262_144)).toBeCloseTo(2 * drawMs(131_072), 12);
  expect(hostTime({ ...facts, vocabulary: 262_144 })).toEqual(hostTime(facts));
});
