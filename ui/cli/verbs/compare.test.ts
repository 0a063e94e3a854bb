import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'ui', 'cli', 'main.ts');
const CHAT = 'traces/samples/chat.jsonl.gz';
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-compare-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MANY = `cluster.workers=${Array.from({ length: 34 }, (_, index) => index + 1).join(',')}`;
const ROUTERS = ['--vary', 'router.mode=round_robin,kv_router'];

function compare(...args: readonly string[]) {
  const all = [MAIN, 'compare', CHAT, '--num-requests', '200', ...args];
  return spawnSync(process.execPath, all, { encoding: 'utf8', cwd: ROOT });
}

test('two routers on the same arrivals, for a script', () => {
  const run = compare(...ROUTERS, '--seeds', '5', '--format', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const comparison = JSON.parse(run.stdout);
  expect(comparison).toMatchObject({
    version: 1,
    baseline: 'round_robin',
    seeds: [42, 43, 44, 45, 46],
    paired_requests: 200,
    bootstrap: { unit: 'seed', units: 5, resamples: 2000, confidence: 0.95 },
  });
  expect(comparison.seed_varies[0]).toMatch(/arrival jitter/);
  const [roundRobin, kvRouter] = comparison.candidates;
  expect(roundRobin.metrics.ttft_ms_mean.ratio).toBeUndefined();
  const { ratio, verdict } = kvRouter.metrics.prefix_cache_reused_ratio;
  expect(verdict).toBe('better');
  expect(ratio.low).toBeGreaterThan(1);
  expect(compare(...ROUTERS, '--seeds', '5', '--format', 'json').stdout).toBe(run.stdout);
});

test('a policy that never comes into play: no difference detected', () => {
  const vary = ['--vary', 'engine.preemption_mode=lifo,fifo', '--seeds', '5'];
  const run = compare(...vary, '--set', 'router.mode=round_robin', '--quiet');
  expect([run.status, run.stderr]).toEqual([0, '']);
  expect(run.stdout).toMatch(
    /^fifo: mean TTFT: no difference detected, 1\.0000 ± 0\.0000 times lifo \(n = 5 seeds × 200 /,
  );
  expect(run.stdout).not.toMatch(/ {2}(better|worse)$/m);
  expect(run.stdout.trimEnd().split('\n').at(-1)).toMatch(/^windtunnel compare .* --seed 42$/);
});

test('an objective cannot vary, and different ones give no verdict on goodput', () => {
  const varied = compare('--vary', 'slo.ttft_ms=100,200');
  expect([varied.status, varied.stdout]).toEqual([2, '']);
  expect(varied.stderr).toContain('slo.ttft_ms: cannot vary in a comparison: an objective is what');
  const files = [100, 200].map((ttftMs) => {
    const file = join(folder, `slo-${ttftMs}.json`);
    writeFileSync(file, JSON.stringify({ slo: { ttft_ms: ttftMs } }));
    return ['--candidate', file];
  });
  const run = compare(...files.flat(), '--seeds', '1', '--format', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { unjudged, candidates } = JSON.parse(run.stdout);
  expect(unjudged.at(-1)).toMatchObject({ metrics: ['goodput_request_rps'] });
  expect(candidates[1].metrics.goodput_request_rps.verdict).toBe('not_assessed');
});

test('a policy file beside a built-in router, each in its own digest', () => {
  const file = 'ui/cli/policy/examples/prefix-then-prefill.ts';
  const run = compare('--vary', `policy=${file},random`, '--seeds', '1', '--format', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { candidates } = JSON.parse(run.stdout);
  expect(candidates).toMatchObject([
    { name: 'prefix-then-prefill.ts', set: [`router.policy=${file}`] },
    { name: 'random', set: ['router.mode=random'] },
  ]);
  expect(candidates[0].config_sha256).not.toBe(candidates[1].config_sha256);
});

test("the router's cost without each of its terms", () => {
  const run = compare('--ablate', '--seeds', '1', '--format', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { candidates, baseline } = JSON.parse(run.stdout);
  expect(baseline).toBe('full cost');
  const names = candidates.map(({ name }: { readonly name: string }) => name);
  expect(names.slice(1)).toEqual([
    'no cached-prefix credit',
    'no prefill load',
    'no active blocks',
  ]);
  const both = compare('--ablate', '--vary', 'cluster.workers=2,4');
  expect([both.status, both.stdout]).toEqual([2, '']);
  expect(both.stderr).toContain('--ablate: makes its own candidates');
});

test('the knobs of one router may stand beside another router', () => {
  const knob = ['--set', 'router.router_temperature=0.5'];
  const run = compare(...ROUTERS, ...knob, '--seeds', '1', '--quiet', '--format', 'md');
  expect(run.status).toBe(0);
  expect(run.stdout).toContain('workers drawn by router temperature');
  expect(run.stdout).toContain('blocks of consecutive requests');
});

test('the baseline may be any candidate, and jitter may be turned off', () => {
  const off = ['--set', 'workload.arrival_jitter=false'];
  const run = compare(
    ...ROUTERS,
    ...off,
    '--baseline',
    'kv_router',
    '--seeds',
    '1',
    '--format=json',
  );
  const comparison = JSON.parse(run.stdout);
  expect(comparison.baseline).toBe('kv_router');
  expect(comparison.seed_varies).toEqual(['ties between equal workers']);
});

test('whole configs compete under their names, and every two are held against each other', () => {
  const kv = join(folder, 'kv.yaml');
  const even = join(folder, 'even.yaml');
  writeFileSync(kv, 'router: {mode: kv_router, router_temperature: 0.2}\n');
  writeFileSync(even, 'router: {mode: round_robin}\nseed: 42\n');
  const named = ['--candidate', kv, '--candidate', `plain=${even}`];
  const run = compare(...named, '--seeds', '5', '--all-pairs', '--format', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { candidates, correction, pairs } = JSON.parse(run.stdout);
  expect(candidates).toMatchObject([
    { name: 'kv', config_file: kv, set: [] },
    { name: 'plain', config_file: even, set: [] },
  ]);
  expect(correction).toMatchObject({ method: 'holm', comparisons: 4 });
  expect(pairs).toMatchObject([{ candidate: 'plain', against: 'kv' }]);
  const grid = compare(...named, '--vary', 'cluster.workers=2,4', '--seeds', '1', '--format=json');
  const names = JSON.parse(grid.stdout).candidates.map(
    (one: { readonly name: string }) => one.name,
  );
  expect(names).toEqual(['kv, workers=2', 'kv, workers=4', 'plain, workers=2', 'plain, workers=4']);

  const varied = compare('--vary', `config=${kv},plain=${even}`, '--seeds', '1', '--format=json');
  expect(JSON.parse(varied.stdout).candidates).toMatchObject([{ name: 'kv' }, { name: 'plain' }]);

  writeFileSync(even, 'router: {mode: round_robin}\nseed: 7\n');
  const cases: [args: string[], text: string][] = [
    [named, `${even}: seed: candidates of a comparison fly the same requests; received 7`],
    [['--candidate', kv], 'name another config, or give --vary'],
    [['--candidate', kv, '--candidate', `kv=${even}`], 'two candidates have one name'],
    [['--candidate', kv, '--candidate', even, '--config', kv], 'let it compete: --candidate'],
    [['--candidate', kv, '--ablate'], 'cannot stand beside --candidate'],
    [['--candidate', '=x'], 'NAME=FILE or FILE'],
  ];
  for (const [args, text] of cases) {
    const refused = compare(...args);
    expect([refused.status, refused.stdout], args.join(' ')).toEqual([2, '']);
    expect(refused.stderr).toContain(text);
  }
});

test('what makes no comparison ends with 2', () => {
  const cases: [args: string[], text: RegExp][] = [
    [[], /2 to 256/],
    [['--vary', 'router.mode=round_robin,kv_ruter'], /did you mean "kv_router"/],
    [['--vary', 'seed=1,2'], /use --seeds N/],
    [['--vary', 'workload.num_requests=10,20'], /would not be the same/],
    [[...ROUTERS, '--baseline', 'kv_ruter'], /did you mean "kv_router"/],
    [['--vary', MANY, '--all-pairs'], /561 pairs of 34 candidates"; allowed: up to 32/],
    [[...ROUTERS, '--set', 'router.mode=random'], /set twice/],
  ];
  for (const [args, text] of cases) {
    const run = compare(...args);
    expect([run.status, run.stdout], args.join(' ')).toEqual([2, '']);
    expect(run.stderr).toMatch(text);
  }
});
