import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { RequestTable } from '../../workload/request-table.ts';
import { openEngine } from '../open-engine.ts';

function settingsOf(ranks: number) {
  const engine = { backend: 'sglang', block_size: 64, data_parallel_size: ranks };
  const config = resolveConfig({ engine });
  const tables = {
    requests: new RequestTable(),
    holders: new HolderTable(),
    forest: new PromptForest(1),
  };
  return openEngine({ config, seed: 1 }, tables, Number.POSITIVE_INFINITY).state.settings;
}

test('ranks share the chunk in whole pages, and keep 0.3 of the conservativeness', () => {
  expect(settingsOf(1)).toMatchObject({ chunkTokens: 8192, firstTokenRatio: 0.7 });
  // 8192 / 3 = 2730.7 tokens are 42 pages; 0.7 · 0.3 = 0.21, and 0.14 of that at least.
  expect(settingsOf(3)).toMatchObject({
    chunkTokens: 2688,
    firstTokenRatio: expect.closeTo(0.21, 12),
    leastTokenRatio: expect.closeTo(0.0294, 12),
  });
});
