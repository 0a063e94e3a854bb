import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { InputError } from '#core/base/errors.ts';
import { describeFailure } from '#ui/cli/failure.ts';
import { sharedPath } from '../../shared.ts';
import { type Check, ratioOf } from '../judge/check.ts';
import { notYetFlown } from '../translate.ts';
import { compareCase, type PeerVerdict } from './compare-case.ts';
import { installPeer, PEER_FOLDER } from './environment.ts';
import { PeerProcess } from './peer-process.ts';
import { randomCase } from './random-case.ts';

const USAGE = `Usage: npm run test:peers [-- --cases N --seed S --only K]

Installs the real replay once, draws random cases and compares both request by request.

  --cases N   cases to draw (default 100)
  --seed S    seed of the draws (default 42)
  --only K    run case number K alone`;

/** Differences that are printed for one case. */
const SHOWN = 6;

interface PeerOptions {
  readonly cases: number;
  readonly seed: number;
  readonly only: number | undefined;
}

function wholeNumber(path: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError('usage', 'bad value', { path, received: text, allowed: 'a whole number' });
}

function parseOptions(args: readonly string[]): PeerOptions | undefined {
  const text = { type: 'string' } as const;
  const options = { cases: text, seed: text, only: text, help: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return undefined;
    return {
      cases: wholeNumber('--cases', values.cases ?? '100'),
      seed: wholeNumber('--seed', values.seed ?? '42'),
      only: values.only === undefined ? undefined : wholeNumber('--only', values.only),
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError('usage', message, { remedy: 'see --help' });
  }
}

/** The folder of dynamo_replay.py, which knows how a case is run. */
function driverFolder(): string {
  const driver = sharedPath('parity', 'dynamo_replay.py');
  if (driver !== undefined) return dirname(driver);
  throw new InputError('input_missing', 'no parity/dynamo_replay.py in the reference data', {
    remedy: 'lay the shared folder beside the repository, or name it in WINDTUNNEL_SHARED',
  });
}

function reportDifference(options: PeerOptions, number: number, verdict: PeerVerdict): void {
  const folder = join(PEER_FOLDER, 'cases');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${options.seed}-case-${number}.json`);
  writeFileSync(file, JSON.stringify({ input: randomCase(options.seed, number) }, null, 1));
  stdout.write(`case ${number} of seed ${options.seed}: ${verdict.differences.length} differ\n`);
  for (const check of verdict.differences.slice(0, SHOWN)) stdout.write(`${lineOf(check)}\n`);
  stdout.write(`  case file: ${file}\n`);
  stdout.write(`  again: npm run test:peers -- --seed ${options.seed} --only ${number}\n`);
}

function lineOf(check: Check): string {
  const ratio = ratioOf(check)?.toFixed(6) ?? '–';
  return `  ${check.metric}: theirs ${check.theirs}, ours ${check.ours}, ratio ${ratio}`;
}

async function compareAll(options: PeerOptions, peer: PeerProcess): Promise<number> {
  const counts = { equal: 0, defect: 0, tie: 0, different: 0 };
  const first = options.only ?? 0;
  const end = options.only === undefined ? options.cases : first + 1;
  for (let number = first; number < end; number++) {
    const input = randomCase(options.seed, number);
    const reason = notYetFlown(input);
    if (reason !== undefined) throw new Error(`case ${number} cannot be flown: ${reason}`);
    const verdict = await compareOne(input, peer);
    counts[verdict.outcome]++;
    stderr.write(`${number + 1 - first}/${end - first} case ${number}: ${verdict.outcome}\n`);
    if (verdict.outcome === 'different') reportDifference(options, number, verdict);
  }
  stdout.write(
    `${counts.equal} equal, ${counts.different} different, ${counts.tie} undecided because the ` +
      `peer draws ties at random, ${counts.defect} in which the peer gives up and ours ends\n`,
  );
  return counts.different === 0 ? 0 : 1;
}

/** A crash of ours is a difference like any other. */
async function compareOne(
  input: ReturnType<typeof randomCase>,
  peer: PeerProcess,
): Promise<PeerVerdict> {
  try {
    return await compareCase(input, (given) => peer.run(given));
  } catch (error) {
    const ours = error instanceof Error ? error.message : String(error);
    const crash = { metric: 'flight', theirs: 'ends', ours, allowed: 'exact', ok: false };
    return { outcome: 'different', differences: [crash] };
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  const folder = driverFolder();
  const python = installPeer((line) => stderr.write(`${line}\n`));
  const peer = new PeerProcess(python, folder);
  try {
    return await compareAll(options, peer);
  } finally {
    peer.close();
  }
}

try {
  process.exitCode = await main(argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error, false);
  stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
