import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { WindtunnelError } from '#core/base/errors.ts';

/** The release whose replay is the reference. */
const PEER_VERSION = '1.6.1';

const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache');

/** Where the peer and what its runs leave behind lie. */
export const PEER_FOLDER = join(CACHE, `dynamo-${PEER_VERSION}`);

/** The wheels ask for a package that does not install and that the replay does not use. */
const PIP_LINES = [
  ['--no-deps', `ai-dynamo==${PEER_VERSION}`, `ai-dynamo-runtime==${PEER_VERSION}`],
  [
    ...['pydantic<2.14', 'kubernetes<33', 'pyyaml', 'numpy', 'msgspec', 'pyzmq', 'aiohttp'],
    ...['prometheus-client', 'transformers', 'tokenizers', 'uvloop', 'rich'],
  ],
];

/**
 * Installs the peer into a virtual environment unless it is there, and returns its Python. What was
 * begun and not finished is begun anew. WINDTUNNEL_DYNAMO_PYTHON names another Python that has it.
 *
 * @throws WindtunnelError naming what is missing or what failed
 */
export function installPeer(say: (line: string) => void): string {
  const { WINDTUNNEL_DYNAMO_PYTHON: given } = env;
  if (given !== undefined) return given;
  const python = join(PEER_FOLDER, 'bin', 'python');
  const finished = join(PEER_FOLDER, 'installed');
  if (existsSync(finished) && existsSync(python)) return python;
  assertPythonIsThere();
  rmSync(PEER_FOLDER, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  say(`1/3 making a virtual environment in ${PEER_FOLDER}`);
  runOrThrow('python3', ['-m', 'venv', PEER_FOLDER], 'install the Debian package python3-venv');
  for (const [index, packages] of PIP_LINES.entries()) {
    say(`${index + 2}/3 pip install ${packages.join(' ')}`);
    const quiet = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    runOrThrow(python, [...quiet, ...packages], 'the package registry must be reachable');
  }
  const probe = 'from dynamo.replay import api';
  runOrThrow(python, ['-c', probe], 'the wheels are for Linux on x86-64');
  writeFileSync(finished, `${PEER_VERSION}\n`);
  return python;
}

function assertPythonIsThere(): void {
  const probe = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (probe.status === 0) return;
  throw new WindtunnelError('input_missing', 'python3 is missing: install Python 3.11 or newer');
}

function runOrThrow(command: string, args: readonly string[], remedy: string): void {
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DYN_LOG: 'off' },
  });
  if (status === 0) return;
  const last = (stderr ?? '').trim().split('\n').slice(-3).join(' | ');
  const line = `${command} ${args.join(' ')}`;
  throw new WindtunnelError('input_missing', `"${line}" failed: ${last}; ${remedy}`);
}
