import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { configDigest } from '#core/config/digest.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildReport } from '#sim/report/report.ts';
import { requestLines } from '#sim/report/request-rows.ts';
import { run } from '#sim/run.ts';
import { readTraceFile } from '#traces/files.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const TRACE = 'traces/samples/mixed.jsonl.gz';
const MODES = ['kv_router', 'round_robin', 'random', 'power_of_two', 'least_loaded'];
const SEED = 42;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windtunnel-determinism-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function argumentsOf(mode: string, seed: number): string[] {
  const set = `router.mode=${mode}`;
  return ['replay', TRACE, '--canonical', '--format', 'json', '--seed', `${seed}`, '--set', set];
}

/** The report and the request rows of a process of its own. */
function flyApart(mode: string, seed: number, name: string): { report: string; rows: string } {
  const output = join(folder, `${mode}-${seed}-${name}`);
  const command = ['ui/cli/main.ts', ...argumentsOf(mode, seed), '--output-dir', output];
  const done = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  expect([done.status, done.stderr]).toEqual([0, '']);
  return { report: done.stdout, rows: readFileSync(join(output, 'requests.jsonl'), 'utf8') };
}

/** What fails says which run it was and how to repeat it. */
function named(mode: string, seed: number): string {
  return `seed ${seed}: windtunnel ${argumentsOf(mode, seed).join(' ')}`;
}

test.each(MODES)('%s: two processes give the same report and rows, byte for byte', (mode) => {
  const first = flyApart(mode, SEED, 'first');
  const second = flyApart(mode, SEED, 'second');
  expect(first.report.length).toBeGreaterThan(1000);
  expect(first.rows.split('\n').length).toBeGreaterThan(100);
  expect(second.report === first.report, named(mode, SEED)).toBe(true);
  expect(second.rows === first.rows, named(mode, SEED)).toBe(true);
});

async function flyHere(mode: string, seed: number) {
  const trace = await readTraceFile(join(ROOT, TRACE), { format: 'auto', traceBlockSize: 512 });
  const config = resolveConfig({ seed, router: { mode } });
  const { batches, hasContent, sessions, path, sha256, format, requests } = trace;
  const result = run({ config, seed, batches, hasContent, sessions });
  const about = { path, sha256, format, requests };
  const context = { config, configSha256: configDigest(config), seed, trace: about };
  return {
    report: canonicalJson(buildReport(result, context)),
    rows: [...requestLines(result.requests)].join(''),
    result,
  };
}

test.each(MODES)('%s: two runs in one process are equal too', async (mode) => {
  const first = await flyHere(mode, SEED);
  const second = await flyHere(mode, SEED);
  expect(second.report === first.report, named(mode, SEED)).toBe(true);
  expect(second.rows === first.rows, named(mode, SEED)).toBe(true);
  expect(first.rows === flyApart(mode, SEED, 'beside').rows, named(mode, SEED)).toBe(true);
});

test.each([
  ['round_robin', false],
  ['random', true],
])('another seed changes what %s draws and not the traffic', async (mode, draws) => {
  const one = (await flyHere(mode, SEED)).result.requests;
  const other = (await flyHere(mode, SEED + 1)).result.requests;
  for (const column of ['arrivalNs', 'inputTokens', 'requestedTokens', 'session'] as const) {
    // Later turns of a session follow the end of the turn before, so only first turns count.
    const firstTurns = (table: typeof one) =>
      [...table[column].subarray(0, table.count)].filter((_, row) => table.turn[row] === 0);
    expect(firstTurns(other), column).toEqual(firstTurns(one));
  }
  const workers = (table: typeof one) => [...table.worker.subarray(0, table.count)];
  expect(workers(other).join() !== workers(one).join()).toBe(draws);
});
