import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { scanImports } from './import-scan.ts';
import type { SourceFile } from './repository.ts';

/** What a room may import: folders and files of ours, packages of the registry, built-ins of Node. */
interface RoomLaw {
  /** A folder, or a file that stands under a law of its own. */
  readonly room: string;
  readonly folders: readonly string[];
  /** Of those folders, what stays closed. */
  readonly closed?: readonly string[];
  readonly packages: readonly string[] | 'any';
  readonly builtins: readonly string[] | 'any';
}

const PURE_LIBRARIES = ['@noble/hashes', 'pure-rand', 'yaml', 'zod'];

/** The files of traces that read and write files; whoever also runs in a browser keeps off them. */
const TRACE_FILES = ['traces/files.ts', 'traces/write-file.ts', 'traces/servegen-files.ts'];

const TRACES = ['traces', 'core/base', 'core/config', 'core/tokens'];

/** The rooms inside core, lowest first: each stands on what it names, and on nothing above. */
const CORE_ROOMS = Object.entries({
  'core/base': [],
  'core/tokens': ['core/base'],
  'core/perf': ['core/base'],
  'core/config': ['core/base', 'core/perf'],
  'core/kv': ['core/base', 'core/tokens', 'core/perf', 'core/config'],
  'core/router': ['core/base', 'core/tokens', 'core/perf', 'core/config', 'core/kv'],
  'core/journal': [
    'core/base',
    'core/tokens',
    'core/perf',
    'core/config',
    'core/kv',
    'core/router',
  ],
});

/** The law of the house. A file belongs to the first room that its path lies in. */
const LAW: readonly RoomLaw[] = [
  ...CORE_ROOMS.map(
    ([room, below]): RoomLaw => ({
      room,
      folders: [...below, room],
      packages: PURE_LIBRARIES,
      builtins: [],
    }),
  ),
  { room: 'core', folders: ['core'], packages: PURE_LIBRARIES, builtins: [] },
  {
    room: 'sim',
    folders: ['core', 'sim', 'traces'],
    closed: TRACE_FILES,
    packages: PURE_LIBRARIES,
    builtins: [],
  },
  {
    room: 'live',
    folders: ['core', 'live', 'native', 'traces', 'sim/public.ts'],
    packages: 'any',
    builtins: 'any',
  },
  { room: 'native', folders: ['native'], packages: [], builtins: 'any' },
  ...TRACE_FILES.map(
    (room): RoomLaw => ({ room, folders: TRACES, packages: PURE_LIBRARIES, builtins: 'any' }),
  ),
  { room: 'traces', folders: TRACES, closed: TRACE_FILES, packages: PURE_LIBRARIES, builtins: [] },
  {
    room: 'ui/cli',
    folders: ['core', 'sim', 'live', 'native', 'traces', 'ui/cli'],
    packages: 'any',
    builtins: 'any',
  },
  {
    room: 'ui/web',
    folders: ['core', 'sim', 'traces', 'ui/web'],
    closed: TRACE_FILES,
    packages: 'any',
    builtins: [],
  },
  {
    room: 'test',
    folders: ['core', 'sim', 'live', 'native', 'traces', 'ui', 'test'],
    packages: 'any',
    builtins: 'any',
  },
];

const BUILTINS = new Set(builtinModules);

/** A test beside the code keeps to its room, and may use the tools of testing on top. */
const TEST_TOOLS: Omit<RoomLaw, 'room' | 'folders'> = { packages: 'any', builtins: 'any' };

function roomOf(path: string): RoomLaw | undefined {
  return LAW.find(({ room }) => isBelow(path, room));
}

/** The path that a specifier of ours stands for, or undefined for a package or built-in. */
export function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (/^\.\.?\//.test(specifier)) return posix.join(posix.dirname(from), specifier);
  return undefined;
}

/** Every breach of the law in one file, as "path:line: what". */
export function breaches(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  if (room === undefined) return [`${file.path}: belongs to no room`];
  const found: string[] = [];
  for (const { specifier, line } of scanImports(file)) {
    const problem =
      specifier === undefined ? computedProblem(room) : importProblem(file, room, specifier);
    if (problem !== undefined) found.push(`${file.path}:${line}: ${problem}`);
  }
  return found;
}

function computedProblem(room: RoomLaw): string | undefined {
  const open = room.room === 'test' || room.room === 'ui/cli';
  return open ? undefined : `${room.room} may not import what it computes the name of`;
}

function importProblem(file: SourceFile, room: RoomLaw, specifier: string): string | undefined {
  const laws = file.isTest ? [room, { ...TEST_TOOLS, folders: ['test', folderOf(room)] }] : [room];
  const target = targetOf(file.path, specifier);
  if (target !== undefined) {
    const leaves = !specifier.startsWith('#') && !isBelow(target, folderOf(room));
    if (leaves && !(file.isTest && target.startsWith('test/'))) {
      return `${specifier} leaves the room by a relative path; use its # alias`;
    }
    const allowed = laws.some(
      ({ folders, closed = [] }) =>
        folders.some((folder) => isBelow(target, folder)) && !closed.includes(target),
    );
    return allowed ? undefined : `${room.room} may not import ${target}`;
  }
  const builtin = specifier.replace(/^node:/, '');
  if (specifier.startsWith('node:') || BUILTINS.has(builtin)) {
    const allowed = laws.some(({ builtins }) => builtins === 'any' || builtins.includes(builtin));
    return allowed ? undefined : `${room.room} may not import the built-in ${specifier}`;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = laws.some(({ packages }) => packages === 'any' || packages.includes(name));
  return allowed ? undefined : `${room.room} may not import the package ${name}`;
}

function folderOf({ room }: RoomLaw): string {
  return room.endsWith('.ts') ? posix.dirname(room) : room;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
