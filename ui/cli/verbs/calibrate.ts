import { stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { CONSTANT_FACTS, type ConstantName } from '#core/perf/calibration/constants.ts';
import { compareChanges } from '#sim/calibrate/compare-change.ts';
import { writeFilesAtomically } from '../atomic-files.ts';
import { type CalibrationRequest, calibrate } from '../calibrate/calibrate.ts';
import { readCalibrationFile } from '../calibrate/calibration.ts';
import { checkRuns } from '../calibrate/check-runs.ts';
import { type DeploymentFlags, deploymentOf, ownGpuOf } from '../estimate/deployment-flags.ts';
import { addDeploymentOptions } from '../estimate/deployment-options.ts';
import { formatOption } from '../format-option.ts';
import { counted } from '../number-flags.ts';
import {
  calibrationTable,
  changeTable,
  comparisonTable,
  foreignWarnings,
} from '../views/calibration.ts';

interface CalibrateFlags extends DeploymentFlags {
  readonly engineVersion?: string;
  readonly fromSteps?: string;
  readonly fromRequests?: string;
  readonly fromPoints?: string;
  readonly keep: readonly ConstantName[];
  readonly calibration?: string;
  readonly check: readonly string[];
  readonly numGpuBlocks?: number;
  readonly blockSize?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly out?: string;
  readonly format: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  Fit to the steps that a server has logged, and to the requests of the run that lie beside them:
    $ windtunnel calibrate --model-config ./config.json --gpu xeon-amx-core \\
        --from-steps quiet/sweep-4.steps.jsonl.gz -o quiet.calibration.json

  And how well does it predict other runs of that server, flown with their arrivals and prompts?
    $ windtunnel calibrate --model-config ./config.json --gpu xeon-amx-core \\
        --calibration quiet.calibration.json --check quiet/unique-r3.requests.jsonl.gz

  What does another setting change, and does the flight say so, too? From the first to each other:
    $ windtunnel calibrate --model-config ./config.json --gpu xeon-amx-core \\
        --calibration quiet.calibration.json \\
        --check base/shared-r3.requests.jsonl.gz nocache/shared-r3.requests.jsonl.gz

  Fit to what clients saw of a server whose steps nobody has logged:
    $ windtunnel calibrate --model Qwen/Qwen3-8B --gpu h100 --from-requests profile_export.jsonl \\
        -o mine.json

  Use it:
    $ windtunnel estimate --model Qwen/Qwen3-8B --gpu h100 --calibration mine.json
    $ windtunnel replay trace.jsonl.gz --config prod.yaml --calibration mine.json

Evidence:
  --from-steps      vLLM's --enable-logging-iteration-details as arrays, or Dynamo's forward-pass
                    metrics, version 1, as JSON lines or msgpack; NAME.requests.jsonl beside
                    NAME.steps.jsonl is used, too
  --from-requests   AIPerf's profile_export.jsonl, vLLM's benchmark with --save-detailed, a
                    recording with a header, or a journal of replay or of a live router (the
                    busiest of its workers); fitted with the scheduler in the loop
  --from-points     load points in the form of estimate --points, with metrics; rows of another GPU,
                    engine, model or TP than the flags say are left out

A constant that the evidence does not tell is refused, with what would tell it; --keep holds it at
its default. Errors are of records that were left out of the fit, five times a fifth of them.`;

/** `windtunnel calibrate`: the constants of a deployment, from its own measurements. */
export function register(program: Command): void {
  const command = program
    .command('calibrate')
    .description('fit the constants of a deployment to your own measurements of it');
  addDeploymentOptions(command)
    .option('--from-steps <file>', 'measured forward passes, JSON lines or msgpack, plain or .gz')
    .option('--from-requests <file>', 'requests as clients saw them')
    .option('--from-points <file>', 'measured load points, JSON lines')
    .addOption(
      new Option('--keep <constant...>', 'constants to hold at their defaults')
        .choices(CONSTANT_FACTS.map(({ name }) => name))
        .default([], 'none'),
    )
    .addOption(counted('--num-gpu-blocks <n>', "KV blocks (default: the recording's)"))
    .addOption(counted('--block-size <tokens>', "tokens of a block (default: the recording's)"))
    .addOption(counted('--max-num-seqs <n>', "most sequences (default: the recording's)"))
    .addOption(
      counted('--max-num-batched-tokens <n>', "most tokens a pass (default: the recording's)"),
    )
    .option('--calibration <file>', 'check this calibration instead of fitting one')
    .option(
      '--check <file...>',
      'recordings to fly with the calibration, beside what was measured; further ones against the first',
      (path: string, earlier: readonly string[]) => [...earlier, path],
      [],
    )
    .option('-o, --out <file>', 'where the calibration goes')
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action(act);
}

async function act(flags: CalibrateFlags): Promise<void> {
  refuseIdle(flags);
  const deployment = deploymentOf(flags, await ownGpuOf(flags));
  const onLeftOut = (line: string): void => void stderr.write(`! ${line}\n`);
  const request: CalibrationRequest = { ...flags, deployment, onLeftOut };
  const made =
    flags.calibration === undefined
      ? calibrate(request)
      : readCalibrationFile(flags.calibration, deployment);
  if (flags.out !== undefined) {
    writeFilesAtomically([{ path: flags.out, content: `${canonicalJson(made, 2)}\n` }]);
  }
  const checks = checkRuns(request, made, flags.check);
  const changes = compareChanges(checks);
  if (flags.format === 'json') {
    for (const warning of foreignWarnings(made)) stderr.write(`! ${warning}\n`);
    stdout.write(`${canonicalJson({ calibration: made, checks, changes }, 2)}\n`);
    return;
  }
  if (flags.calibration === undefined) stdout.write(calibrationTable(made));
  for (const check of checks) stdout.write(`\n${comparisonTable(check)}`);
  for (const change of changes) stdout.write(`\n${changeTable(change)}`);
  if (flags.out !== undefined) stdout.write(`\n${flags.out} written\n`);
}

function refuseIdle(flags: CalibrateFlags): void {
  const { calibration, check, fromSteps, fromRequests, fromPoints, keep, out } = flags;
  const sources = {
    '--from-steps': fromSteps,
    '--from-requests': fromRequests,
    '--from-points': fromPoints,
  };
  const given = Object.entries(sources).filter(([, path]) => path !== undefined);
  if (calibration === undefined) {
    if (given.length > 0) return;
    throw new InputError('usage', 'what shall be fitted to?', {
      path: '--from-steps',
      allowed: 'at least one of --from-steps, --from-requests and --from-points',
    });
  }
  if (check.length === 0) {
    throw new InputError('usage', 'it has no effect without --check', { path: '--calibration' });
  }
  const idle = [
    ...given.map(([name]) => name),
    ...(keep.length > 0 ? ['--keep'] : []),
    ...(out === undefined ? [] : ['--out']),
  ];
  if (idle.length === 0) return;
  throw new InputError('usage', 'nothing is fitted where a calibration is given', {
    path: idle[0]!,
  });
}
