import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import { newBypassQuery } from '#core/router/disaggregation/bypass-query.ts';
import { UserDisaggregation } from '#core/router/disaggregation/user-disaggregation/user-disaggregation.ts';
import { isBypass } from '#core/router/disaggregation/verdict.ts';
import { NO_HOLDS } from '#core/router/index/approximate/routed-index.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { flatForest } from '#test/reference/user-policy.ts';
import { guardAmbient } from './ambient-guard.ts';
import { loadPolicy } from './load-policy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'ui', 'cli', 'main.ts');
const CHAT = join(ROOT, 'traces', 'samples', 'chat.jsonl.gz');
const EXAMPLE = join(import.meta.dirname, 'examples', 'prefix-then-prefill.ts');
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-policy-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs in a folder that knows nothing of this repository. */
function windtunnel(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });
}

function replay(policy: string, ...args: readonly string[]) {
  const few = ['--num-requests', '60', '--quiet', '--format', 'json', '--canonical'];
  return windtunnel('replay', CHAT, '--policy', policy, ...few, ...args);
}

/** Writes a policy file and gives its name. */
function write(name: string, ...lines: readonly string[]): string {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return name;
}

/** Loads a policy file and asks it for a target of four, as a flight does. */
function routeOnce(path: string): void {
  const { policies } = loadPolicy(path);
  const options = kvOptions(4, { mode: 'policy', totalKvBlocks: 100 });
  guardAmbient(() => {
    const router = new Router(
      options,
      flatForest(1, 4),
      openStream(1, 'router'),
      NO_HOLDS,
      policies,
    );
    router.arrive({ ...newRouteQuery(), inputTokens: 64 }, 0);
  });
}

/** What is said of a file, which is called bad.ts or by its name. */
function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message.replace(`${folder}/`, '').replace(/bad-\d+/, 'bad');
  }
  return 'accepted';
}

test('a policy in TypeScript flies, and the report says which file it was', () => {
  const name = write('example.ts', readFileSync(EXAMPLE, 'utf8'));
  const { status, stdout, stderr } = replay(name);
  expect([status, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  expect(report.config.router).toMatchObject({ mode: 'policy', policy: 'example.ts' });
  expect(report.config.router.policy_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(report.config.router).not.toHaveProperty('overlap_score_credit');
  expect(report.summary.completed).toBe(60);
  expect(replay(name).stdout).toBe(stdout);
  // The same content elsewhere is the same config.
  mkdirSync(join(folder, 'elsewhere'));
  const other = JSON.parse(replay(write('elsewhere/b.ts', readFileSync(EXAMPLE, 'utf8'))).stdout);
  expect(other.config_sha256).toBe(report.config_sha256);
});

test('the config of a report flies again, and refuses another content of the file', () => {
  const name = write('again.mts', 'export const selection = { picker: { kind: "random" } };');
  const first = replay(name, '--output-dir', 'out');
  const config = ['--config', 'out/config.yaml', '--format', 'json', '--canonical'];
  const again = windtunnel('replay', CHAT, '--quiet', ...config);
  expect([again.status, again.stdout]).toEqual([0, first.stdout]);
  write('again.mts', 'export const selection = { picker: { kind: "max-score" } };');
  const refused = windtunnel('replay', CHAT, '--quiet', ...config);
  expect(refused.status).toBe(2);
  expect(JSON.parse(refused.stderr).error.message).toMatch(
    /^router.policy_sha256: the policy file is not the one of this config; received "[0-9a-f]{64}"; allowed: [0-9a-f]{64}, which is again.mts as it is now; bring that file back, or leave the digest out$/,
  );
});

test('a bad policy, always the busiest worker, is caught by the anomaly counters', () => {
  const name = write(
    'busiest.ts',
    'export const selection = {',
    '  scorers: [{ score: ({ activeRequests, worker }) => 1000 * activeRequests - worker }],',
    '};',
  );
  const anomaliesOf = (...args: readonly string[]) => {
    const form = ['--num-requests', '600', '--quiet', '--format', 'json', '--canonical'];
    return JSON.parse(windtunnel('replay', CHAT, ...form, ...args).stdout).summary;
  };
  const { anomalies, anomaly_evidence: evidence } = anomaliesOf('--policy', name);
  expect(anomalies).toEqual({ hot_worker: 1 });
  // Four workers, and one of them does all the work.
  expect(evidence.hot_worker.worst).toMatchObject({ worker: 0, load_to_mean: 4 });
  expect(anomaliesOf().anomalies).toEqual({});
});

test('a journal of a policy verifies with the same file, and with no other', () => {
  const name = write('told.ts', readFileSync(EXAMPLE, 'utf8'));
  expect(replay(name, '--journal', 'told.jsonl').status).toBe(0);
  const verified = windtunnel('journal', 'verify', 'told.jsonl', '--format', 'json');
  expect([verified.status, JSON.parse(verified.stdout).identical]).toEqual([0, true]);
  const told = windtunnel('explain-decision', 'told.jsonl', '--request', '5');
  expect(told.status).toBe(0);
  expect(told.stdout).toContain('as the policy file chose by these scores');
  expect(told.stdout).toMatch(/worker +score +cached part of the prompt +least prefill +cached/);
  write('told.ts', 'export const selection = { picker: { kind: "random" } };');
  const refused = windtunnel('journal', 'verify', 'told.jsonl');
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('router.policy_sha256: the policy file is not the one');
});

test('files that a policy imports belong to its digest', () => {
  write('worth.js', 'export const worth = 1;');
  const name = write(
    'imports.ts',
    "import { worth } from './worth.js';",
    'export const selection = { scorers: [{ score: () => worth }] };',
  );
  const digest = (): string => JSON.parse(replay(name).stdout).config.router.policy_sha256;
  const before = digest();
  write('worth.js', 'export const worth = 2;');
  expect(digest()).not.toBe(before);
});

test('an eviction score comes into play, and one that is always the same is lru', () => {
  const same = write('same.ts', 'export const eviction = () => 0;');
  const youth = write('youth.ts', 'export const eviction = ({ released }) => -released;');
  const small = ['--set', 'engine.num_gpu_blocks=120', '--num-requests', '200'];
  const flown = (...args: readonly string[]) => {
    const canonical = ['--quiet', '--format', 'json', '--canonical'];
    const { status, stdout } = windtunnel('replay', CHAT, ...small, ...canonical, ...args);
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };
  const lru = flown();
  expect(flown('--policy', same)).toMatchObject({
    config: { engine: { kv_eviction_policy: 'policy' }, router: { mode: 'kv_router' } },
    summary: lru.summary,
  });
  const reuse = flown('--policy', youth).summary.prefix_cache_reused_tokens;
  expect(reuse).not.toBe(lru.summary.prefix_cache_reused_tokens);
});

test('a policy is told the sessions of the trace', () => {
  const name = write(
    'sessions.ts',
    'const known = ({ worker }, { session }) => (session >= 0 ? -worker : Number.NaN);',
    'export const selection = { scorers: [{ score: known }] };',
  );
  const agents = join(ROOT, 'traces', 'samples', 'agents.jsonl.gz');
  const args = ['--num-requests', '40', '--quiet', '--format', 'json', '--policy', name];
  const { status, stderr } = windtunnel('replay', agents, ...args);
  expect([status, stderr]).toEqual([0, '']);
});

test('a queue order comes into play where there is a queue', () => {
  const name = write('order.ts', 'export const queueOrder = ({ inputTokens }) => -inputTokens;');
  expect(replay(name, '--set', 'router.router_queue_threshold=0.1').status).toBe(0);
  const idle = replay(name);
  expect(idle.status).toBe(2);
  expect(JSON.parse(idle.stderr).error.message).toBe(
    '--policy: router.router_queue_policy: has no effect: the router has no queue to order; received "policy"; leave it out, or set router.router_queue_threshold',
  );
});

let bad = 0;

test.each<[string, readonly string[], string]>([
  [
    'throws',
    [
      'interface Facts { readonly worker: number }',
      '',
      'function weigh(facts: Facts): number {',
      "  if (facts.worker === 3) throw new RangeError('no third worker');",
      '  return facts.worker;',
      '}',
      'export const selection = { scorers: [{ score: weigh }] };',
    ],
    'bad.ts:4:33: selection.scorers[0].score: threw for request 0, worker 3: RangeError: no third worker',
  ],
  [
    'returns nonsense',
    [
      'const weigh = (facts: object): number => Number("x");',
      'export const selection = {',
      '  scorers: [{ score: weigh }],',
      '};',
    ],
    'bad.ts:1:15: selection.scorers[0].score: returned nonsense for request 0, worker 0; received NaN; allowed: a finite number',
  ],
  [
    'names a worker that does not exist',
    ['export const selection = { picker: {', '  name: "far",', '  pick: () => 17,', '} };'],
    'bad.ts:3:9: selection.picker.pick (far): returned nonsense for request 0; received 17; allowed: the worker of a candidate: 0, 1, 2, 3',
  ],
  [
    'reads a clock',
    ['export const selection = { scorers: [', '  { score: () => Date.now() },', '] };'],
    'bad.ts:2:23: selection.scorers[0].score: threw for request 0, worker 0: Error: Date.now would make two runs of one seed differ; policies see no clock, only what their arguments hold',
  ],
  [
    'draws ambient randomness',
    [
      'export const selection = () => {',
      '  const luck = Math.random();',
      '  return { scorers: [{ score: () => luck }] };',
      '};',
    ],
    'bad.ts:2:21: selection: threw for the fleet: Error: Math.random would make two runs of one seed differ; draw from the random that the function is given',
  ],
  [
    'has an unknown export',
    ['export const selections = {};'],
    'bad.ts: selections: unknown export; allowed: selection, queueOrder, eviction, disaggregate; did you mean "selection"?; what the policies share need not be exported',
  ],
  [
    'makes nothing of use',
    ['export function selection() {', '  return 7;', '}'],
    'bad.ts: selection: bad value; received 7; allowed: an object with filters, scorers, picker, inputs, routed',
  ],
  [
    'throws while it is loaded',
    ['export const selection = {};', 'missing();'],
    'bad.ts:2:1: cannot be loaded: ReferenceError: missing is not defined',
  ],
])('a file that %s is refused at its line', (_name, lines, message) => {
  const path = join(folder, write(`bad-${bad++}.ts`, ...lines));
  expect(refusalOf(() => routeOnce(path))).toBe(message);
});

test.each(['ts', 'mjs'])(
  'a syntax error in a .%s file, or in what it imports, has its place',
  (kind) => {
    const message = (name: string): string => refusalOf(() => loadPolicy(join(folder, name)));
    mkdirSync(join(folder, kind), { recursive: true });
    const broken = write(
      `${kind}/broken.${kind}`,
      'export const one = 1;',
      '  export const two = ;',
    );
    const place = new RegExp(`^${kind}/broken\\.${kind}:2:22: cannot be loaded: SyntaxError: `);
    expect(message(broken)).toMatch(place);
    expect(message(write(`imports.${kind}`, `import './${broken}';`))).toMatch(place);
    const missing = write(
      `missing.${kind}`,
      `import { three } from './whole.${kind}';`,
      'three();',
    );
    write(`whole.${kind}`, 'export const one = 1;');
    expect(message(missing)).toMatch(/^missing.*does not provide an export named 'three'/);
  },
);

test('a scorer that answers later is told that policies are synchronous', () => {
  const scorer = "{ score: async () => { throw new Error('too late'); } }";
  const path = join(
    folder,
    write('later.ts', `export const selection = { scorers: [${scorer}] };`),
  );
  expect(refusalOf(() => routeOnce(path))).toBe(
    'later.ts:1:47: selection.scorers[0].score: returned nonsense for request 0, worker 0; received "a Promise"; allowed: a finite number; policies are synchronous: leave async out',
  );
});

const examples = readdirSync(join(import.meta.dirname, 'examples')).filter(
  (name) => !name.endsWith('.md'),
);

test.each(examples)('the example %s can be used', (name) => {
  expect(examples.length).toBeGreaterThan(2);
  const path = join(import.meta.dirname, 'examples', name);
  const { selection, eviction, disaggregate } = loadPolicy(path).policies;
  if (selection !== undefined) routeOnce(path);
  const run = { blocks: 2, depth: 2, hits: 3, stored: 0, released: 1, generated: false };
  if (eviction !== undefined) expect(eviction(run)).toBe(3);
  if (disaggregate !== undefined) {
    const rule = new UserDisaggregation(disaggregate.rule, disaggregate.source);
    const query = { ...newBypassQuery(), promptTokens: 900, cachedTokens: 800, prefillTokens: 0 };
    expect(isBypass(rule.judge({ ...query, decodeRequests: 8 }, 0))).toBe(true);
    expect(isBypass(rule.judge({ ...query, decodeRequests: 9 }, 0))).toBe(false);
  }
  expect(selection ?? eviction ?? disaggregate).toBeDefined();
});

test('what cannot be a policy file is refused', () => {
  const message = (name: string): string => refusalOf(() => loadPolicy(join(folder, name)));
  expect(message('absent.ts')).toBe('absent.ts: there is no such policy file');
  expect(message(write('notes.txt', 'hello'))).toMatch(
    /^notes.txt: not a policy file; received ".txt"; allowed: .ts/,
  );
  const ts = write(
    'enum.ts',
    'enum A { B }',
    'export const selection = { picker: { kind: A.B } };',
  );
  expect(message(ts)).toMatch(/cannot be loaded: .*enum/i);
});

test('a flight that fails leaves nothing behind', () => {
  const name = write('nan.ts', 'export const selection = { scorers: [{ score: () => NaN }] };');
  const { status, stdout, stderr } = replay(name, '--output-dir', 'half');
  expect([status, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr).error.code).toBe('policy_invalid');
  expect(existsSync(join(folder, 'half'))).toBe(false);
});

test('a policy that nothing uses is refused', () => {
  const name = write('unused.ts', 'export const selection = { picker: { kind: "random" } };');
  const { status, stderr } = replay(name, '--set', 'router.mode=kv_router');
  expect(status).toBe(2);
  expect(JSON.parse(stderr).error.message).toMatch(
    /router.policy: has no effect: no policy of the file is used/,
  );
  const asked = replay(name, '--set', 'router.router_queue_policy=policy');
  expect(JSON.parse(asked.stderr).error.message).toBe(
    'unused.ts: does not export queueOrder, which router.router_queue_policy asks for; export it, or leave router.router_queue_policy out',
  );
});
