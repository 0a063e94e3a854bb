import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CannotRun } from './cannot-run.ts';

/** Where environments of Python and what else is fetched for tests lie; `npm ci` empties it. */
export const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache');

/** An environment of Python with packages of PyPI. */
export interface PythonEnvironment {
  /** Folder below `CACHE`; it names the releases, so that another one is another folder. */
  readonly name: string;
  /** What is there once everything is installed: a statement that runs then. */
  readonly probe: string;
  /** Arguments of `pip install`, one step each. */
  readonly install: readonly (readonly string[])[];
}

/** Whether a Python has what is asked of it. */
export function pythonHas(python: string, probe: string): boolean {
  return spawnSync(python, ['-c', probe]).status === 0;
}

/** The Python of an environment, made unless it is there. Throws `CannotRun` with what failed. */
export function providePython({ name, probe, install }: PythonEnvironment): string {
  const folder = join(CACHE, name);
  const python = pythonOf(name);
  if (pythonHas(python, probe)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  runOrGiveUp('python3', ['-m', 'venv', folder]);
  for (const args of install) {
    const quiet = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    runOrGiveUp(python, [...quiet, ...args]);
  }
  runOrGiveUp(python, ['-c', probe]);
  return python;
}

/** Where the Python of an environment is, or would be. */
export function pythonOf(name: string): string {
  return join(CACHE, name, 'bin', 'python');
}

/** Runs a command to its end. Throws `CannotRun` with the last line of what it said. */
export function runOrGiveUp(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new CannotRun(`${command} ${args.join(' ')}: ${why}`);
}
