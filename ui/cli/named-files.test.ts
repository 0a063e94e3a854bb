import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { configDigest } from '#core/config/digest.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildReport } from '#sim/report/report.ts';
import { run } from '#sim/run.ts';
import { readTraceFile } from '#traces/files.ts';
import { loadConfig } from './config-file.ts';
import { withFileContents } from './named-files.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLE = join(ROOT, 'core', 'router', 'queue', 'classes', 'tenants.yaml');
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-classes-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file is found beside the config that names it, and its content is what counts', () => {
  mkdirSync(join(folder, 'classes'));
  writeFileSync(join(folder, 'classes', 'mine.yaml'), readFileSync(EXAMPLE));
  const config = join(folder, 'run.yaml');
  writeFileSync(config, 'router:\n  router_policy_config: classes/mine.yaml\n');
  const byName = loadConfig(config).config;
  const byFlag = resolveConfig(
    {},
    withFileContents([{ path: 'router.router_policy_config', value: EXAMPLE }]),
  );
  expect(byName.router.router_policy_config?.policy_classes).toHaveLength(3);
  expect(configDigest(byName)).toBe(configDigest(byFlag));
});

test('a bad file is reported with its own name and line, a missing one with its name', () => {
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, readFileSync(EXAMPLE, 'utf8').replace('quantum: 1024', 'quantum: 0'));
  const read = (value: unknown) =>
    withFileContents([{ path: 'router', value: { router_policy_config: value } }]);
  expect(() => read(bad)).toThrow(`${bad}:16: policy_classes[1].quantum: bad value; received 0`);
  expect(() => read(join(folder, 'none.yaml'))).toThrow('there is no such file');
});

test('the example keeps chats fast, turns agents away, and the report says by which limit', async () => {
  const sets = [
    { path: 'router.router_policy_config', value: EXAMPLE },
    { path: 'cluster.workers', value: 1 },
    { path: 'workload.arrival_speedup_ratio', value: 20 },
    { path: 'workload.num_requests', value: 1200 },
  ];
  const trace = await readTraceFile(join(ROOT, 'traces', 'samples', 'mixed.jsonl.gz'), {
    format: 'mooncake',
    traceBlockSize: 512,
  });
  const fly = (config: ReturnType<typeof resolveConfig>) => {
    const result = run({ config, seed: 1, ...trace });
    const { path, sha256, format, requests } = trace;
    const context = {
      config,
      configSha256: '',
      seed: 1,
      trace: { path, sha256, format, requests },
    };
    return buildReport(result, context);
  };
  const classes = fly(resolveConfig({}, withFileContents(sets))).summary;
  const kept = classes.rejections?.queue_rejected ?? 0;
  expect(kept).toBeGreaterThan(0);
  expect(classes.queue_rejections).toEqual({ agents: { requests: kept } });
  expect(classes.completed + classes.rejected).toBe(1200);
});
