import { stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { withConstants } from '#sim/calibrate/with-constants.ts';
import { estimate } from '#sim/estimate/estimate.ts';
import type { LoadPoint } from '#sim/estimate/load-point.ts';
import { operatorsOf } from '#sim/estimate/operators.ts';
import { readCalibrationFile } from '../calibrate/calibration.ts';
import { ownGpuOf } from '../estimate/deployment-flags.ts';
import { addDeploymentOptions } from '../estimate/deployment-options.ts';
import { atConcurrency, type QuestionFlags, questionOf } from '../estimate/question.ts';
import { parseSweep } from '../estimate/sweep.ts';
import { formatOption } from '../format-option.ts';
import { counted, positive, seedOption, share } from '../number-flags.ts';
import { estimateTable, operatorTables, sweepTable } from '../views/estimate.ts';

interface EstimateFlags extends QuestionFlags {
  readonly sweep?: readonly number[];
  readonly explain?: true;
  readonly points?: string;
  readonly calibration?: string;
  readonly out?: string;
  readonly keepGoing?: true;
  readonly format: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  What does one replica give to 32 clients?
    $ windtunnel estimate --model Qwen/Qwen3-32B --gpu h200-sxm --tp 2 --isl 4096 --osl 512 \\
        --concurrency 32

  And from one client to 256?
    $ windtunnel estimate --model Qwen/Qwen3-32B --gpu h200-sxm --tp 2 --sweep concurrency=1..256

  Which operators is a pass made of?
    $ windtunnel estimate --model meta-llama/Llama-3.1-70B-Instruct --gpu h100 --tp 4 --explain

  A model of your own, by its config.json, for a script:
    $ windtunnel estimate --model-config ./config.json --gpu b200 --format json | jq .tpot_ms.mean

  With the constants of your own deployment, fitted by windtunnel calibrate:
    $ windtunnel estimate --model Qwen/Qwen3-8B --gpu h100 --calibration mine.json

  Answer a file of measured points:
    $ windtunnel estimate --points measured.jsonl.gz --out answers.jsonl --keep-going

A short run of the engine's own scheduler is flown, in its steady state: no formula for the queue.
Without --engine-version the newest engine is meant. What the times rest on and how far they are
typically off is printed with them.`;

/** `windtunnel estimate`: latency, throughput and memory of one replica, without a trace. */
export function register(program: Command): void {
  const command = program
    .command('estimate')
    .description('latency, throughput and memory of one replica of a model on a GPU');
  addDeploymentOptions(command)
    .addOption(counted('--isl <tokens>', 'prompt length').default(1024))
    .addOption(counted('--osl <tokens>', 'output length').default(256))
    .addOption(counted('--concurrency <clients>', 'clients of a closed loop (default: 32)'))
    .addOption(
      new Option('--request-rate <per-s>', 'an open loop at this rate').argParser(positive),
    )
    .addOption(
      new Option('--sweep <values>', 'concurrency=1..256 or =1,8,64').argParser(parseSweep),
    )
    .addOption(counted('--max-num-seqs <n>', "most sequences (default: the engine's own)"))
    .addOption(
      counted('--max-num-batched-tokens <n>', "most tokens a pass (default: the engine's own)"),
    )
    .addOption(
      new Option(
        '--gpu-memory-utilization <share>',
        "share of memory that the engine may use (default: the engine's own)",
      ).argParser(share),
    )
    .addOption(
      counted('--stream-interval <tokens>', 'tokens that a client gets together (default: 1)'),
    )
    .addOption(counted('--requests <n>', 'requests that count (default: 3 a client, at least 64)'))
    .option('--calibration <file>', 'constants of your own deployment, by windtunnel calibrate')
    .option('--explain', 'the operators of a prefill and of a decode pass')
    .option('--points <file>', 'answer a file of measured points, JSON lines, plain or .gz')
    .option('--out <file>', 'where the answers to --points go')
    .option('--keep-going', 'with --points: answer a line that cannot be read with its error')
    .addOption(seedOption())
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action(answerFlags);
}

async function answerFlags(flags: EstimateFlags): Promise<void> {
  if (flags.points !== undefined) {
    await answerFile(flags, flags.points);
    return;
  }
  refuseIdle(flags);
  const point = calibrated(questionOf(flags, await ownGpuOf(flags)), flags.calibration);
  const pass = new ForwardPass(point.deployment);
  if (flags.sweep !== undefined) {
    answerSweep(flags, point, pass);
    return;
  }
  const answer = estimate(point, pass);
  const operators = flags.explain && operatorsOf(point, answer, pass);
  if (flags.format === 'json') {
    stdout.write(
      `${JSON.stringify({ ...answer, ...(operators && { operators }) }, undefined, 2)}\n`,
    );
    return;
  }
  stdout.write(estimateTable(point, answer));
  if (operators === undefined) return;
  stdout.write(`\n${operatorTables(point, answer, operators)}`);
}

function calibrated(point: LoadPoint, path: string | undefined): LoadPoint {
  if (path === undefined) return point;
  const calibration = readCalibrationFile(path, point.deployment);
  return { ...withConstants(point, calibration.constants), calibration };
}

function answerSweep(flags: EstimateFlags, point: LoadPoint, pass: ForwardPass): void {
  const steps = flags.sweep!.map((concurrency) => ({
    concurrency,
    estimate: estimate(atConcurrency(point, concurrency), pass),
  }));
  if (flags.format === 'table') stdout.write(sweepTable(point, steps));
  else
    stdout.write(
      `${JSON.stringify(
        steps.map(({ concurrency, estimate: one }) => ({ concurrency, ...one })),
        undefined,
        2,
      )}\n`,
    );
}

async function answerFile(
  { out, seed, keepGoing, calibration }: EstimateFlags,
  path: string,
): Promise<void> {
  if (calibration !== undefined) {
    throw new InputError('usage', 'points are of many deployments, a calibration is of one', {
      path: '--calibration',
    });
  }
  if (out === undefined) {
    throw new InputError('usage', 'answers to --points go into a file: add --out FILE', {
      path: '--out',
    });
  }
  // One question needs none of this, and is asked more often.
  const { answerPoints } = await import('../estimate/points.ts');
  const began = performance.now();
  const { answered, failed } = answerPoints(
    path,
    out,
    { seed, keepGoing: keepGoing === true },
    (done, total) => {
      if (stderr.isTTY && done % 20 === 0) stderr.write(`\r${done} of ${total} points`);
    },
  );
  if (stderr.isTTY) stderr.write('\r\u001b[K');
  const seconds = (performance.now() - began) / 1000;
  stdout.write(
    `${out}: ${answered} answered, ${failed} not, ${((answered + failed) / seconds).toFixed(0)} points/s\n`,
  );
}

function refuseIdle({
  out,
  keepGoing,
  sweep,
  explain,
  concurrency,
  requestRate,
}: EstimateFlags): void {
  const idle = (path: string, needs: string): InputError =>
    new InputError('usage', `it has no effect without ${needs}`, { path });
  if (out !== undefined) throw idle('--out', '--points');
  if (keepGoing) throw idle('--keep-going', '--points');
  if (sweep === undefined) return;
  for (const [path, given] of [
    ['--explain', explain],
    ['--concurrency', concurrency],
    ['--request-rate', requestRate],
  ] as const) {
    if (given === undefined) continue;
    throw new InputError('usage', 'a sweep varies the concurrency itself', { path });
  }
}
