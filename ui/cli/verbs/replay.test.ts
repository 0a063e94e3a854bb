import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'ui', 'cli', 'main.ts');
const CHAT = 'traces/samples/chat.jsonl.gz';
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-replay-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function replay(...args: readonly string[]) {
  const all = [MAIN, 'replay', CHAT, '--num-requests', '200', ...args];
  return spawnSync(process.execPath, all, { encoding: 'utf8', cwd: ROOT });
}

test('two processes write the same canonical bytes, and only JSON', () => {
  const first = replay('--format', 'json', '--canonical');
  const second = replay('--format', 'json', '--canonical');
  expect([first.status, first.stderr]).toEqual([0, '']);
  expect(second.stdout).toBe(first.stdout);
  const report = JSON.parse(first.stdout);
  expect(report).toMatchObject({ version: 1, seed: 42, trace: { requests: 200 } });
  expect(report.summary).toMatchObject({ requests: 200, completed: 200, ttft_ms: { n: 200 } });
  expect(report.host).toBeUndefined();
});

test('a table ends with the command that repeats the run; progress goes to stderr', () => {
  const run = replay('--ttft', '100');
  expect(run.status).toBe(0);
  expect(run.stdout).toContain('TTFT ≤ 100 ms');
  expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(
    `windtunnel replay ${CHAT} --num-requests 200 --ttft 100 --seed 42`,
  );
  expect(run.stderr).toContain('100 % · done in ');
  expect(replay('--quiet').stderr).toBe('');
});

test('an output folder holds a whole result, which its own config repeats', () => {
  const out = join(folder, 'new', 'out');
  const canonical = ['--canonical', '--format', 'json'];
  const run = replay('--output-dir', out, '--seed', '7', ...canonical);
  expect(run.status).toBe(0);
  const names = ['config.yaml', 'report.json', 'report.md', 'requests.jsonl'];
  expect(readdirSync(out).sort()).toEqual(names);
  expect(readFileSync(join(out, 'report.json'), 'utf8')).toBe(run.stdout);
  const lines = readFileSync(join(out, 'requests.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(200);
  expect(JSON.parse(lines[199]!)).toMatchObject({ request: 199, status: 'completed' });
  const args = [MAIN, 'replay', CHAT, '--config', join(out, 'config.yaml'), ...canonical];
  const again = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: ROOT });
  expect(again.stdout).toBe(run.stdout);

  const refused = replay('--output-dir', out);
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('there is a report already');
  expect(replay('--output-dir', out, '--overwrite', '--quiet').status).toBe(0);
  const notAFolder = replay('--output-dir', join(out, 'report.md'));
  expect([notAFolder.status, notAFolder.stdout]).toEqual([2, '']);
});

test('a run in which nothing completes ends with 1, and says why', () => {
  // The shortest prompt just fits in, without room for its answer.
  const run = replay('--set', 'engine.num_gpu_blocks=15', '--quiet');
  expect(run.status).toBe(1);
  expect(run.stdout).toContain('! 200 requests rejected');
  const hopeless = replay('--set', 'engine.num_gpu_blocks=1', '--quiet');
  expect([hopeless.status, hopeless.stdout]).toEqual([2, '']);
  expect(hopeless.stderr).toContain('the shortest prompt of');
});

test('a gate decides the exit code, and the summary holds it first', () => {
  const summary = join(folder, 'gate.md');
  const gates = ['--gate', 'completed==200', '--gate', 'ttft_ms.p50<=1'];
  const failed = replay('--quiet', ...gates, '--summary-md', summary);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toMatch(/completed==200 +200 +pass\nttft_ms\.p50<=1 +\d+\.\d+ +FAIL/);
  expect(failed.stderr).toMatch(/^gate failed: ttft_ms\.p50<=1, the run has \d+\.\d+\n$/);
  const silent = replay('--quiet', '--format', 'csv', ...gates);
  expect([silent.status, silent.stderr]).toEqual([1, failed.stderr]);
  const text = readFileSync(summary, 'utf8');
  expect(text.split('\n')[2]).toBe('**1 of 2 gates failed**');
  const passed = replay('--quiet', '--format', 'json', ...gates.slice(0, 2));
  expect(passed.status).toBe(0);
  expect(JSON.parse(passed.stdout).gates).toEqual([
    { gate: 'completed==200', metric: 'completed', bound: 200, value: 200, passed: true },
  ]);
  expect(replay('--quiet', '--summary-md', summary).stderr).toContain('there is a file already');
  expect(replay('--quiet', '--summary-md', summary, '--overwrite').status).toBe(0);
});

test('exports stand in the folder, and go with the result that had them', () => {
  const out = join(folder, 'exports');
  const kinds = ['--export', 'csv,parquet', '--export', 'perfetto,prometheus'];
  const run = replay('--quiet', '--output-dir', out, '--series-step', '1000', ...kinds);
  expect([run.status, run.stderr]).toEqual([0, '']);
  expect(readdirSync(out).sort()).toEqual([
    'config.yaml',
    'metrics.prom',
    'report.json',
    'report.md',
    'requests.csv',
    'requests.jsonl',
    'requests.parquet',
    'series-workers.csv',
    'series-workers.parquet',
    'series.csv',
    'series.parquet',
    'trace.perfetto.json',
  ]);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  expect(report.series.step_ms).toBe(1000);
  const lines = readFileSync(join(out, 'series.csv'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(report.series.run.to_ms.length + 1);
  expect(readFileSync(join(out, 'requests.csv'), 'utf8').split('\n')).toHaveLength(202);
  expect(replay('--quiet', '--output-dir', out, '--overwrite').status).toBe(0);
  expect(readdirSync(out)).toHaveLength(4);
});

test('series of each worker stand in JSON on request', () => {
  const run = replay('--quiet', '--format', 'json', '--series-step', '5000', '--per-worker');
  const { series } = JSON.parse(run.stdout);
  expect(series.workers.worker.slice(0, 5)).toEqual([0, 1, 2, 3, 0]);
  expect(series.workers.to_ms).toHaveLength(4 * series.run.to_ms.length);
  expect(replay('--format', 'json').stdout).not.toContain('"series"');
});

test('a fleet that does not fit in memory is refused with 3', () => {
  const run = replay('--set', 'cluster.workers=1000000', '--format', 'json');
  expect([run.status, run.stdout]).toEqual([3, '']);
  expect(JSON.parse(run.stderr)).toMatchObject({ error: { code: 'resource_refused' } });
});

test('what cannot be written is refused before the flight', () => {
  const file = join(folder, 'plain');
  writeFileSync(file, '');
  const cases = [
    ['--output-dir', join(file, 'out')],
    ['--output-dir', '/proc/windtunnel'],
    ['--summary-md', join(file, 'gate.md')],
    ['--summary-md', '/proc/gate.md'],
    ['--journal', '/proc/run.journal.jsonl'],
  ];
  for (const args of cases) {
    const run = replay(...args);
    expect([run.status, run.stdout], args.join(' ')).toEqual([2, '']);
    expect(run.stderr).toContain(`${args[1]}: cannot be written: E`);
    expect(run.stderr).not.toContain('100 %');
  }
});

test('a disk that takes no output costs neither the table nor the exit code', () => {
  // The folder can just be named, and its files cannot: their paths are too long.
  let out = folder;
  while (out.length < 3880) out = join(out, 'd'.repeat(200));
  out = join(out, 'd'.repeat(4085 - out.length - 1));
  const run = replay('--output-dir', out, '--quiet');
  expect(run.status).toBe(1);
  expect(run.stdout).toContain('TTFT');
  expect(run.stderr).toContain('cannot be written');
});

test('a pipe is told each tenth of a short run', () => {
  const { stderr } = replay();
  const shares = stderr
    .trimEnd()
    .split('\n')
    .map((line) => Number.parseInt(line, 10));
  expect(shares).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

test('requests that never arrived are no rows of requests.jsonl', () => {
  const out = join(folder, 'cut');
  const run = replay('--set', 'simulation.max_sim_time_ms=20000', '--output-dir', out);
  expect(run.status).toBe(0);
  const text = readFileSync(join(out, 'requests.jsonl'), 'utf8').trimEnd();
  const rows = text.split('\n').map((line) => JSON.parse(line));
  const { summary } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  expect(rows).toHaveLength(summary.requests);
  expect(rows.length).toBeLessThan(200);
  expect(rows.every((row) => row.status !== 'pending' && row.arrival_ms <= 20_000)).toBe(true);
});

test('rate and concurrency say that they count sessions', () => {
  const rate = replay('--request-rate', '2', '--quiet').stdout;
  expect(rate).toContain('Arrivals      2.00 sessions/s start; later turns follow their first');
  const loop = replay('--concurrency', '3', '--quiet').stdout;
  expect(loop).toContain('Arrivals      3 sessions at a time');
  expect(replay('--quiet').stdout).not.toContain('Arrivals');
});

test('a rate and a concurrency make an open loop with a cap, and the report says what it did', () => {
  const run = replay('--request-rate', '50', '--concurrency', '4', '--format', 'json', '--quiet');
  const { summary, config } = JSON.parse(run.stdout);
  expect(config.workload).toMatchObject({ arrivals: 'poisson', max_concurrency: 4 });
  expect(summary.cap.achieved_rps).toBeLessThan(summary.cap.offered_rps);
  expect(summary.cap.binding_ratio).toBeGreaterThan(0.5);
  expect(summary.cap.due_ttft_ms.mean).toBeGreaterThan(summary.ttft_ms.mean);
});

test('arrivals follow a recorded rate, whose file the report names', () => {
  const path = join(folder, 'rates.csv');
  writeFileSync(path, '0,200,1,Gamma,0.5,1\n10,0,0,,0,0\n20,50,1,Weibull,2,1\n');
  const shape = `workload.rate_shape={type: recorded, file: "${path}", rate_ratio: 0.1}`;
  const flags = ['--set', shape, '--set', 'workload.arrivals=recorded', '--quiet'];
  const run = replay(...flags, '--format', 'json');
  expect(run.stderr).toBe('');
  const { trace, summary } = JSON.parse(run.stdout);
  expect(trace.rates).toMatchObject({ path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(summary.completed).toBe(200);
  writeFileSync(path, '0,0,1,,0,0\n10,0,0,,0,0\n');
  const silent = replay(...flags);
  expect([silent.status, silent.stdout]).toEqual([2, '']);
  expect(silent.stderr).toContain('nothing ever arrives in the recording');
});

test('tenants and warm-up are held against the trace', () => {
  const cases: [set: string, text: string][] = [
    ['workload.tenants=[{name: a, share: 1}, {name: b, priority: 3}]', 'has no queue to order'],
    ['workload.warmup_requests=200', 'no request would count: there are 200'],
  ];
  for (const [set, text] of cases) {
    const run = replay('--set', set, '--quiet', '--set', 'workload.arrival_jitter=true');
    expect([run.status, run.stdout], set).toEqual([2, '']);
    expect(run.stderr).toContain(text);
  }
  const mixed = [MAIN, 'replay', 'traces/samples/mixed.jsonl.gz', '--num-requests', '50'];
  const flag = ['--set', 'workload.tenants=[{name: chat, share: 1}]'];
  const idle = spawnSync(process.execPath, [...mixed, ...flag], { encoding: 'utf8', cwd: ROOT });
  expect(idle.stderr).toContain('tenants[0].share: has no effect: the trace names every tenant');
});

test('a block size is refused where the trace turns out to have no hash ids', () => {
  const path = join(folder, 'azure.csv');
  const header = 'TIMESTAMP,ContextTokens,GeneratedTokens';
  writeFileSync(path, `${header}\n2023-11-16 18:15:46.6805900,374,44\n`);
  const args = [MAIN, 'replay', path, '--quiet'];
  const plain = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(plain.status).toBe(0);
  const sized = spawnSync(process.execPath, [...args, '--set', 'workload.trace_block_size=64'], {
    encoding: 'utf8',
  });
  expect(sized.status).toBe(2);
  expect(sized.stderr).toContain('workload.trace_block_size: has no effect: the trace has no hash');
});

test('what the reader dropped is said, and stands in the report', () => {
  const path = join(folder, 'azure.csv');
  const header = 'TIMESTAMP,ContextTokens,GeneratedTokens';
  writeFileSync(path, `${header}\n2023-11-16 18:15:46.6805900,374,44\n`);
  const args = [MAIN, 'compare', path, '--seeds', '1', '--quiet', '--format', 'json'];
  const run = spawnSync(process.execPath, [...args, '--vary', 'cluster.workers=1,2'], {
    encoding: 'utf8',
  });
  expect(run.stderr).toContain('note: the trace does not say which prompts share content');
  expect(JSON.parse(run.stdout).trace.notes.at(-1)).toContain('kv_router balances load only');
});

test('bad input ends with 2 and names what is wrong', () => {
  const cases: [args: string[], text: RegExp][] = [
    [['--set', 'engine.blok_size=64'], /did you mean "engine.block_size"/],
    [['--concurrency', '4', '--set', 'workload.concurrency=5'], /said twice: --concurrency/],
    [['--request-rate', '1e9'], /^error: --request-rate: workload.request_rate: bad value/],
    [['--concurrency', '0'], /--concurrency: workload.concurrency: bad value/],
    [
      ['--concurrency', 'many'],
      /^error: --concurrency: bad value; received "many"; allowed: a whole number/,
    ],
    [['--config', 'absent.yaml'], /absent\.yaml/],
    [['--format', 'xml'], /json/],
    [
      ['--gate', 'ttft_ms.p98<=5'],
      /--gate: no such metric: ttft_ms.p98; .*did you mean "ttft_ms.p9/,
    ],
    [['--export', 'parquet'], /--export: has no effect: exports are files of a folder/],
    [['--export', 'perfeto'], /did you mean "perfetto"/],
    [['--series-step', '100'], /--series-step: has no effect/],
    [
      ['--series-step', '0.000001'],
      /^error: --series-step: bad value; received "0.000001"; allowed: a number from 0\.01/,
    ],
    [['--gate', 'goodput.ratio>0'], /no goodput without an objective/],
  ];
  for (const [args, text] of cases) {
    const run = replay(...args);
    expect([run.status, run.stdout], args.join(' ')).toEqual([2, '']);
    expect(run.stderr).toMatch(text);
  }
});

test('--overwrite without an output is refused', () => {
  const run = replay('--overwrite');
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toContain('--overwrite: has no effect: the run writes no file');
});
