import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { readModelConfig } from '#core/perf/models/read-model-config.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { compareChanges } from '#sim/calibrate/compare-change.ts';
import type { RecordingComparison } from '#sim/calibrate/compare-recording.ts';
import config from '#sim/calibrate/fixtures/tiny-qwen3.config.json' with { type: 'json' };
import { needReference } from '../../../test/shared.ts';
import { readTextLines } from '../text-lines.ts';
import { calibrate } from './calibrate.ts';
import { checkRuns } from './check-runs.ts';

/**
 * A real vLLM server on a CPU. Fitted to one run of steps, then flown: other runs of the same server,
 * and servers with other settings on a busier machine, whose change against each other is predicted.
 */

const deployment = deploymentOn('xeon-amx-core', readModelConfig(config, 'tiny-qwen3'));

function folderOf(context: TestContext): string {
  return needReference(context, 'ground-truth', 'vllm-cpu');
}

function flown(folder: string, runs: readonly string[]): RecordingComparison[] {
  const request = { deployment, keep: [] };
  const fromSteps = join(folder, 'quiet', 'sweep-4.steps.jsonl.gz');
  const made = calibrate({ ...request, fromSteps });
  const paths = runs.map((run) => join(folder, `${run}.requests.jsonl.gz`));
  return checkRuns(request, made, paths);
}

/** Prompt tokens that the engine says it has computed, over all steps of a run. */
function computed(folder: string, run: string): number {
  return readTextLines(join(folder, `${run}.steps.jsonl.gz`))
    .map(({ text }) => JSON.parse(text) as number[])
    .reduce((sum, step) => sum + step[2]!, 0);
}

const KEYS = ['ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'] as const;

describe.each(['quiet/unique-r3', 'quiet/shared-r3'])('%s, from the sweep of its server', (run) => {
  test('who is in a step follows the scheduler, to the token', (context) => {
    const folder = folderOf(context);
    const [made] = flown(folder, [run]);
    expect(made!.prefill_tokens).toBe(computed(folder, run));
    expect(made!.cached!.differing).toBe(0);
  });

  test('means and medians are within 10 %, 99th percentiles within 25 %', (context) => {
    const [made] = flown(folderOf(context), [run]);
    for (const key of KEYS) {
      const { measured, flown: predicted } = made![key]!;
      expect(Math.abs(predicted.mean / measured.mean - 1), `${key} mean`).toBeLessThan(0.1);
      expect(Math.abs(predicted.p50 / measured.p50 - 1), `${key} p50`).toBeLessThan(0.1);
      expect(Math.abs(predicted.p99 / measured.p99 - 1), `${key} p99`).toBeLessThan(0.25);
    }
  });
});

const CHANGES: readonly (readonly [string, string, string])[] = [
  ['prefix caching off', 'nocache/shared-r3', 'base/shared-r3'],
  ['a budget of 128 tokens and 8 sequences', 'chunk128/shared-r3', 'base/shared-r3'],
  ['half the rate', 'base/unique-r1.5', 'base/unique-r3'],
];

/** All of what was recorded of the first server: one factor stands for its machine. */
const BASE = ['shared-r3', 'unique-r3', 'unique-r3-again', 'unique-r1.5', 'sweep-1', 'sweep-2'];

for (const [what, to, from] of CHANGES) {
  test(`with ${what} the change is within 10 % after one scale factor for the folder`, (context) => {
    const others = BASE.map((run) => `base/${run}`).filter((run) => run !== from && run !== to);
    const changes = compareChanges(flown(folderOf(context), [from, to, ...others]));
    for (const { latency, figure, measured, flown: predicted } of changes[0]!.figures) {
      expect(Math.abs(predicted / measured - 1), `${latency} ${figure}`).toBeLessThan(0.1);
    }
  });
}
