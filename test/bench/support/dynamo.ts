import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Timing, timingOf } from './timing.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const python = join(root, 'node_modules', '.cache', 'dynamo-1.6.1', 'bin', 'python');

/** One case for Dynamo's replay; the words are Dynamo's. */
export interface DynamoCase {
  /** A plain file in Mooncake's format, or undefined when `synthetic` says what to send. */
  readonly trace?: string;
  /** Input tokens, output tokens, requests. */
  readonly synthetic?: readonly [number, number, number];
  readonly engine?: Readonly<Record<string, unknown>>;
  /** Of a disaggregated case, in place of one engine. */
  readonly prefill_engine?: Readonly<Record<string, unknown>>;
  readonly decode_engine?: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface FlightFigures extends Timing {
  readonly simulatedMs: number;
  readonly completed: number;
}

/**
 * Finds the real Dynamo 1.6.1: the environment that `npm run test:peers` makes, or the Python that
 * WINDTUNNEL_DYNAMO_PYTHON names. Says what to do and returns undefined when there is none.
 */
export function findDynamo(): string | undefined {
  const found = process.env.WINDTUNNEL_DYNAMO_PYTHON ?? python;
  if (existsSync(found)) return found;
  console.log(`Dynamo 1.6.1 is not installed (no ${found}), so our figures stand alone.`);
  console.log('`npm run test:peers` installs it (Linux x86-64, Python 3.11); then run this again.');
  process.exitCode = 1;
  return undefined;
}

/**
 * Flies a case through Dynamo, alone on the machine but for whatever else runs there, and returns
 * the wall time that its report gives: the simulation without reading the trace.
 */
export function flyDynamo(dynamo: string, flight: DynamoCase, runs: number): FlightFigures {
  const driver = join(import.meta.dirname, 'dynamo_wall_time.py');
  const child = spawnSync(dynamo, [driver], {
    input: JSON.stringify({ ...flight, runs }),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, DYN_LOG: 'off' },
  });
  if (child.status !== 0) throw new Error(`Dynamo's replay failed:\n${child.stderr}`);
  const last = child.stdout.trimEnd().split('\n').at(-1) ?? '';
  const answer = JSON.parse(last) as {
    readonly wall_time_ms: readonly number[];
    readonly duration_ms: number;
    readonly completed: number;
  };
  const { bestMs, medianMs } = timingOf(answer.wall_time_ms);
  return { bestMs, medianMs, simulatedMs: answer.duration_ms, completed: answer.completed };
}
