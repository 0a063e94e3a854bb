import * as fc from 'fast-check';
import { expect } from 'vitest';
import { PROPERTY_SEED } from '../property-seed.ts';

/**
 * Holds `law` on `runs` values of `arbitrary`. A failure prints the shrunk value, the seed and the
 * one command that replays it; WINDTUNNEL_RUNS=n tries n values under a seed of your choice.
 */
export function check<T>(arbitrary: fc.Arbitrary<T>, runs: number, law: (value: T) => void): void {
  const { WINDTUNNEL_SEED: seed, WINDTUNNEL_PATH: path, WINDTUNNEL_RUNS: more } = process.env;
  const parameters: fc.Parameters<[T]> = {
    seed: seed === undefined ? PROPERTY_SEED : Number(seed),
    numRuns: more === undefined ? runs : Number(more),
    ...(path === undefined ? {} : { path }),
  };
  const outcome = fc.check(fc.property(arbitrary, law), parameters);
  if (!outcome.failed) return;
  const { errorInstance, counterexample, counterexamplePath } = outcome;
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  error.message = [
    `the law does not hold for ${fc.stringify(counterexample?.[0])}`,
    `seed ${outcome.seed}, after ${outcome.numRuns} runs; replay with`,
    `  ${replayCommand(outcome.seed, counterexamplePath)}`,
    error.message,
  ].join('\n');
  throw error;
}

function replayCommand(seed: number, path: string | null): string {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const file = testPath.replace(/^.*\/(?=(?:test|core|sim|traces|ui)\/)/, '');
  const at = path === null ? '' : ` WINDTUNNEL_PATH=${path}`;
  return `WINDTUNNEL_SEED=${seed}${at} npx vitest run ${file} -t '${currentTestName}'`;
}
