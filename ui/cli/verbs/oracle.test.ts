import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/oracle';
const { run, close, fleet } = openJournalBench('oracle');

afterAll(close);
afterEach(() => vi.restoreAllMocks());

/** Caches that are too small for what is reused. */
const TIGHT = [...fleet, '--set', 'engine.num_gpu_blocks=600'];

test('the ceilings beside the run', async () => {
  const { out, err } = await run('oracle', CHAT, ...TIGHT, '--forks', '2');
  expect(err).toBe('');
  const table = out.slice(0, out.lastIndexOf('\n\n'));
  await expect(table).toMatchFileSnapshot(`${GOLDEN}/table.txt`);
  const json = (await run('oracle', CHAT, ...TIGHT, '--format', 'json')).out;
  await expect(json).toMatchFileSnapshot(`${GOLDEN}/json.txt`);
  const { reused_blocks: reused } = JSON.parse(json);
  expect(reused.run).toBeLessThan(reused.belady);
  expect(reused.greedy_placement).toBeLessThanOrEqual(reused.belady);
  expect(reused.belady).toBeLessThanOrEqual(reused.infinite_cache);
});
