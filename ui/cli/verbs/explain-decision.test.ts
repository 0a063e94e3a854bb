import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/explain-decision';
const WRITTEN = join(import.meta.dirname, '../../../core/journal/fixtures/v1.journal.jsonl');
const bench = openJournalBench('explain');
const { at, run } = bench;

afterAll(bench.close);
afterEach(() => vi.restoreAllMocks());

test('the decision of the hand-written journal, with the costs worked out there', async () => {
  const { out } = await run('explain-decision', WRITTEN, '--request', '1');
  await expect(out).toMatchFileSnapshot(`${GOLDEN}/written.txt`);
  expect(out).toContain('went to worker 1, which alone costs least (2 candidates)');
  const { best } = JSON.parse(
    (await run('explain-decision', WRITTEN, '--at', '1', '--format', 'json')).out,
  );
  expect(best).toMatchObject([
    { target: 1, cost: (19 + 64 - 32) / 16 + 4, terms: { credit: 2, blocks: 4 }, shared_blocks: 3 },
    { target: 0, cost: 64 / 16 + 4, terms: { credit: 0, blocks: 4 }, shared_blocks: 0 },
  ]);
});

test('one of the candidates of a run, by its line, its request and its number', async () => {
  const path = await bench.journal('run.journal.jsonl.gz');
  const { out } = await run('explain-decision', path, '--at', '200', '--top', '3');
  await expect(out).toMatchFileSnapshot(`${GOLDEN}/table.txt`);
  expect(out).toContain('and 1 more; --all lists them');
  const all = (await run('explain-decision', path, '--at', '200', '--all', '--format', 'json')).out;
  const { request, line, best } = JSON.parse(all);
  expect(best).toHaveLength(4);
  for (const wanted of [
    ['--request', String(request)],
    ['--line', String(line)],
  ]) {
    const same = await run('explain-decision', path, ...wanted, '--all', '--format', 'json');
    expect(same.out).toBe(all);
  }
});

test('a request that went nowhere, and a mode that knows no cost', async () => {
  const { out } = await run('explain-decision', WRITTEN, '--request', '2');
  expect(out).toContain('request 2 (line 3 of the trace) went nowhere: pinned_worker_not_allowed');
  const path = at('least.journal.jsonl.gz');
  const more = ['--set', 'router.mode=least_loaded', '--journal', path];
  await run('replay', CHAT, ...bench.fleet, ...more);
  const least = (await run('explain-decision', path, '--at', '9')).out;
  expect(least).toContain('as least_loaded chose (4 candidates)');
  expect(least).toContain('worker  to prefill  in use  running');
});

test('a number of candidates beside all of them is refused', async () => {
  const both = run('explain-decision', WRITTEN, '--at', '1', '--top', '5', '--all');
  await expect(both).rejects.toThrow(
    /--top and --all contradict each other; received "--top 5 --all"/,
  );
});
