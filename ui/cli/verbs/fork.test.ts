import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/fork';
const bench = openJournalBench('fork');
const { at, run, help } = bench;

afterAll(bench.close);
afterEach(() => vi.restoreAllMocks());

test('a fork says who gained and who lost', async () => {
  const path = await bench.journal('run.journal.jsonl.gz');
  const args = ['fork', path, '--at', '120', '--worker', '2', '--quiet', '--top', '2'];
  const { out, err } = await run(...args);
  expect(err).toBe('');
  await expect(out).toMatchFileSnapshot(`${GOLDEN}/table.txt`);
  const json = (await run(...args, '--format', 'json')).out;
  await expect(json).toMatchFileSnapshot(`${GOLDEN}/json.txt`);
});

test('the same decision by its request and by the line of the trace', async () => {
  const path = await bench.journal('run.journal.jsonl.gz');
  const more = ['--worker', '1', '--format', 'json'];
  const { request, line, decision, worker } = JSON.parse(
    (await run('fork', path, '--at', '50', ...more)).out,
  );
  expect(decision).toBe(50);
  for (const wanted of [
    ['--request', String(request)],
    ['--line', String(line)],
  ]) {
    const { out } = await run('fork', path, ...wanted, ...more);
    expect(JSON.parse(out)).toMatchObject({ decision: 50, request, worker });
  }
  const same = ['--at', '50', '--worker', String(worker.before), '--format', 'json'];
  const unchanged = JSON.parse((await run('fork', path, ...same)).out);
  expect(unchanged).toMatchObject({ gained: { requests: 0 }, lost: { requests: 0 } });
});

test('help has an example', async () => {
  const text = await help('fork');
  expect(text).toContain('$ windtunnel fork run.journal.jsonl.gz --at 4000 --worker 3');
  await expect(text).toMatchFileSnapshot(`${GOLDEN}/help.txt`);
});

test.each([
  [['--worker', '1'], /no decision is named; allowed: --at N, --request ID or --line N/],
  [['--at', '1', '--line', '2', '--worker', '1'], /more than one decision is named/],
  [['--at', '300', '--worker', '1'], /no such decision; received 300; allowed: 0 to 299/],
  [['--request', '999', '--worker', '1'], /no such request; received 999/],
  [['--at', '1', '--worker', '4'], /--worker: no such worker; received 4; allowed: 0 to 3/],
  [['--at', 'x', '--worker', '1'], /received "x"; allowed: a whole number from 0/],
])('%j is refused', async (args, message) => {
  const path = await bench.journal('run.journal.jsonl.gz');
  await expect(run('fork', path, ...args)).rejects.toThrow(message);
});

/** The journal with something else in its first line. */
async function withHeader(name: string, change: (header: Record<string, unknown>) => object) {
  const path = await bench.journal('run.journal.jsonl.gz');
  const [first, ...rest] = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  writeFileSync(at(name), [JSON.stringify(change(JSON.parse(first!))), ...rest].join('\n'));
  return at(name);
}

const FORK = ['--at', '1', '--worker', '1', '--quiet'];

test('a trace that was moved is named, and another one is refused', async () => {
  const moved = await withHeader('moved.journal.jsonl', ({ trace, ...header }) => ({
    ...header,
    trace: { ...(trace as object), path: at('gone.jsonl') },
  }));
  await expect(run('fork', moved, ...FORK)).rejects.toThrow(
    /gone\.jsonl: the trace of the journal is not there; name it with --trace/,
  );
  expect((await run('fork', moved, ...FORK, '--trace', CHAT)).out).toContain('decision 1, at');
  const other = CHAT.replace('chat', 'mixed');
  await expect(run('fork', moved, ...FORK, '--trace', other)).rejects.toThrow(
    /not the trace that was flown; received "sha256/,
  );
});

test('a journal of no run, or of a run that is flown otherwise now, is refused', async () => {
  const live = await withHeader('live.journal.jsonl', ({ config: _, ...header }) => header);
  await expect(run('fork', live, ...FORK)).rejects.toThrow(/of no run with a config and a trace/);
  const other = await withHeader('other.journal.jsonl', (header) => ({ ...header, seed: 43 }));
  await expect(run('fork', other, ...FORK)).rejects.toMatchObject({
    code: 'journal_outdated',
    exitCode: 1,
  });
});
