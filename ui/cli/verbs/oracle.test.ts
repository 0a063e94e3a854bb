import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/oracle';
const { run, help, close, fleet } = openJournalBench('oracle');

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

test('help has an example', async () => {
  const text = await help('oracle');
  expect(text).toContain('$ windtunnel oracle conversation_trace.jsonl.gz');
  // The flags and keys of the config, around it, change with the config.
  const words = text.slice(text.indexOf('Examples:'), text.indexOf('Keys for --set'));
  await expect(words).toMatchFileSnapshot(`${GOLDEN}/help.txt`);
});
