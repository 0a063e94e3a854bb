import { expect, test } from 'vitest';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { capacitiesOf, type FoundEngine } from './engine-scout.ts';

/** Engines a, b … as the config has them, with what each says of itself. */
function found(
  ...engines: readonly (readonly [entry: object, told: Omit<FoundEngine['told'], 'models'>])[]
): readonly FoundEngine[] {
  const entries = engines.map(([entry], at) => ({
    name: 'abc'[at],
    url: `http://h:${at}`,
    ...entry,
  }));
  const config = resolveServe({ engines: entries });
  return engines.map(([, told], at) => ({
    entry: config.engines[at]!,
    told: { models: ['tiny'], ...told },
  }));
}

test('what engines have in common is the least of each, and what the config says counts for more', () => {
  const engines = found(
    [{}, { blockSize: 16, numGpuBlocks: 900 }],
    [{ num_gpu_blocks: 700 }, { blockSize: 16, numGpuBlocks: 800, maxNumBatchedTokens: 4096 }],
    [{}, {}],
  );
  expect(capacitiesOf(engines)).toEqual({
    aggregated: { blockSize: 16, numGpuBlocks: 700, maxNumBatchedTokens: 4096 },
  });
  const apart = found(
    [{ role: 'prefill' }, { blockSize: 16, numGpuBlocks: 900 }],
    [{ role: 'decode' }, { blockSize: 16, numGpuBlocks: 100 }],
  );
  expect(capacitiesOf(apart)).toEqual({
    prefill: { blockSize: 16, numGpuBlocks: 900 },
    decode: { blockSize: 16, numGpuBlocks: 100 },
  });
});

test('blocks of different sizes are refused, by the names of their engines', () => {
  expect(() => capacitiesOf(found([{}, { blockSize: 16 }], [{}, { blockSize: 32 }]))).toThrow(
    'engines: engines have blocks of different sizes; received "b has 32 tokens, a has 16"',
  );
  expect(() => capacitiesOf(found([{ block_size: 32 }, { blockSize: 16 }]))).toThrow(
    'engines.block_size: engine a has blocks of another size; received 32; allowed: 16, as the engine says',
  );
});
