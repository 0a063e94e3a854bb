import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/fork';
const bench = openJournalBench('fork');
const { at, run } = bench;

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
  const same = ['--at', '50', '--worker', String(worker.before)];
  await expect(run('fork', path, ...same)).rejects.toThrow(
    `--worker: request ${request} went to that worker as it was; received ${worker.before}; allowed: `,
  );
});

test('a request is sent only where it may go', async () => {
  const trace = at('asking.jsonl');
  const pinned = { timestamp: 100_000, backend_instance_id: 1 };
  const asking = [{ required_taints: ['gpu'] }, { lora_name: 'sql' }, {}, pinned];
  const rows = asking.map((asked, index) => ({
    timestamp: index,
    input_length: 600,
    output_length: 20,
    hash_ids: [2 * index, 2 * index + 1],
    ...asked,
  }));
  writeFileSync(trace, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const path = at('asking.journal.jsonl');
  const groups = [
    { count: 2, taints: ['gpu'] },
    { count: 2, lora_adapters: ['sql'] },
  ];
  const settings = {
    'cluster.workers': 4,
    'cluster.groups': JSON.stringify(groups),
    'router.mode': 'kv_router',
    'router.active_prefill_tokens_threshold': 500,
  };
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  await run('replay', trace, ...sets, '--quiet', '--journal', path);
  const refusalOf = async (decision: number, worker: number): Promise<unknown> => {
    const args = ['--at', String(decision), '--worker', String(worker), '--quiet'];
    return run('fork', path, ...args).then(
      () => 'flown',
      ({ message, exitCode }) => [exitCode, message],
    );
  };
  const took = async (decision: number): Promise<number> => {
    const args = ['--at', String(decision), '--format', 'json'];
    return JSON.parse((await run('explain-decision', path, ...args)).out).target;
  };
  const [taint, adapter] = [await took(0), await took(1)];
  expect(await refusalOf(0, 2)).toEqual([
    2,
    `--worker: request 0 could not go there: the worker lacks a taint or the LoRA adapter that it asks for; received 2; allowed: ${1 - taint}`,
  ]);
  expect(await refusalOf(0, 1 - taint)).toBe('flown');
  expect(await refusalOf(1, 0)).toEqual([2, expect.stringContaining(`allowed: ${5 - adapter}`)]);
  expect(await refusalOf(3, 0)).toEqual([
    2,
    expect.stringMatching(/its own pin.*names another worker; received 0; allowed: none: no other/),
  ]);
  expect(await refusalOf(2, taint)).toEqual([
    2,
    expect.stringContaining('the worker was overloaded'),
  ]);
});

test('a trace that came through stdin has to be named', async () => {
  const piped = await withHeader('piped.journal.jsonl', ({ trace, ...header }) => ({
    ...header,
    trace: { ...(trace as object), path: '-' },
  }));
  await expect(run('fork', piped, ...FORK)).rejects.toThrow(
    /piped\.journal\.jsonl: the trace of the journal came through stdin; name a file of the same bytes with --trace/,
  );
  expect((await run('fork', piped, ...FORK, '--trace', CHAT)).out).toContain('decision 1, at');
});

test.each([
  [['--worker', '1'], /no decision is named; allowed: --at N, --request ID or --line N/],
  [['--at', '1', '--line', '2', '--worker', '1'], /more than one decision is named/],
  [['--at', '300', '--worker', '1'], /no such decision; received 300; allowed: 0 to 299/],
  [['--request', '999', '--worker', '1'], /no such request; received 999/],
  [['--at', '1', '--worker', '4'], /--worker: no such worker; received 4; allowed: 0 to 3/],
  [['--at', 'x', '--worker', '1'], /--at .*x.*allowed: a whole number from 0/],
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

test('the journal of a live router, or of a run that is flown otherwise now, is refused', async () => {
  const live = await withHeader('live.journal.jsonl', ({ config: _, ...header }) => header);
  await expect(run('fork', live, ...FORK)).rejects.toThrow(
    /live router cannot be flown on with another choice/,
  );
  const other = await withHeader('other.journal.jsonl', (header) => ({ ...header, seed: 43 }));
  await expect(run('fork', other, ...FORK)).rejects.toMatchObject({
    code: 'journal_outdated',
    exitCode: 1,
  });
});
