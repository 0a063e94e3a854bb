import { spawnSync } from 'node:child_process';
import { execPath } from 'node:process';
import { REPOSITORY_ROOT } from '../architecture/repository.ts';
import { mockInRealTime } from './mock-in-real-time.ts';

export interface Verdict {
  readonly passed: boolean;
  /** How it went; of a lane that cannot run here, why. */
  readonly text: string;
}

/** One comparison with something real, too slow or too particular about its machine for every test run. */
export interface Lane {
  readonly name: string;
  readonly run: (options: readonly string[]) => Verdict | Promise<Verdict>;
}

/** A lane that is a program of its own and prints what it finds. */
function program(name: string, path: string): Lane {
  return {
    name,
    run: (options) => {
      const { status } = spawnSync(execPath, [path, ...options], {
        cwd: REPOSITORY_ROOT,
        stdio: 'inherit',
      });
      return { passed: status === 0, text: status === 0 ? 'passed' : `failed with ${status}` };
    },
  };
}

export const LANES: readonly Lane[] = [
  program('replay', 'test/parity/peers/main.ts'),
  { name: 'mock-engine', run: mockInRealTime },
];
