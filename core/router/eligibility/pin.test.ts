import { expect, test } from 'vitest';
import { type PinHints, pinFor } from './pin.ts';

const all: PinHints = {
  backendInstanceId: 1,
  prefillWorkerId: 2,
  decodeWorkerId: 3,
  dpRank: 4,
  prefillDpRank: 5,
};

test('what is said for a phase goes before what is said for both', () => {
  expect(pinFor('prefill', all)).toEqual({ worker: 2, rank: 5 });
  expect(pinFor('decode', all)).toEqual({ worker: 3, rank: 4 });
  expect(pinFor('aggregated', all)).toEqual({ worker: 3, rank: 4 });
  const shared = { backendInstanceId: 1, dpRank: 4 };
  for (const phase of ['prefill', 'decode', 'aggregated'] as const) {
    expect(pinFor(phase, shared)).toEqual({ worker: 1, rank: 4 });
  }
});

test('without a worker there is no pin, without a rank none is named', () => {
  expect(pinFor('prefill', { decodeWorkerId: 3, dpRank: 4 })).toBeUndefined();
  expect(pinFor('decode', { prefillWorkerId: 2 })).toBeUndefined();
  expect(pinFor('decode', { decodeWorkerId: 3 })).toEqual({ worker: 3, rank: undefined });
});
