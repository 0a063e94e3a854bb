// Plain JavaScript without a dependency: it runs before anything is installed, on whatever Node the
// machine has, and brings the Node and the packages that the rest of the house stands on.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

const OLDEST_NODE_MAJOR = 20;

/**
 * The sentence for a Node that is too old to begin with, or undefined when it is new enough.
 *
 * @param {string} version such as "20.11.0"
 * @returns {string | undefined}
 */
export function oldNodeSentence(version) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE_MAJOR) return undefined;
  return (
    `Windtunnel needs Node ${OLDEST_NODE_MAJOR} or newer to install itself; this is Node ${version}. ` +
    'Install a current one from https://nodejs.org and run the command again.'
  );
}

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/**
 * Why what is installed is not what the lock file asks for, or undefined when it is. Optional
 * packages may be absent: each machine installs only those of its own platform.
 *
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile | undefined} installed node_modules/.package-lock.json
 * @returns {string | undefined}
 */
export function staleReason(wanted, installed) {
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, locked] of Object.entries(wanted.packages)) {
    if (path === '') continue;
    const found = installed.packages[path];
    if (found === undefined) {
      if (locked.optional || locked.devOptional || locked.peer) continue;
      return `${path} is missing`;
    }
    if (found.version !== locked.version) {
      return `${path} is ${found.version}, the lock file asks for ${locked.version}`;
    }
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {Lockfile | undefined}
 */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Runs `npm ci` when node_modules is absent or does not match the lock file; exits when that fails. */
export function ensureInstalled() {
  const tooOld = oldNodeSentence(process.versions.node);
  if (tooOld !== undefined) {
    console.error(tooOld);
    process.exit(2);
  }
  const wanted = readLock(join(repositoryRoot, 'package-lock.json'));
  const modules = join(repositoryRoot, 'node_modules');
  if (wanted === undefined) return;
  const reason = staleReason(wanted, readLock(join(modules, '.package-lock.json')));
  if (reason === undefined && existsSync(pinnedNode())) return;
  console.error(`Installing packages with npm ci (${reason ?? 'Node 24 is missing'})…`);
  const started = Date.now();
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: repositoryRoot,
    // What npm prints belongs to the installation, so it goes where this program's remarks go.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (install.status !== 0 || !existsSync(pinnedNode())) {
    console.error(
      'npm ci failed; mend what it names above (is the registry reachable?) and retry.',
    );
    process.exit(1);
  }
  console.error(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** The Node 24 that the lock file pins. */
export function pinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(repositoryRoot, 'node_modules', 'node', 'bin', name);
}

/**
 * The environment in which `node` and every tool of the repository come first on the path, and
 * modules are compiled once rather than at every start.
 */
export function pinnedEnvironment() {
  const binaries = join(repositoryRoot, 'node_modules', '.bin');
  return {
    NODE_COMPILE_CACHE: join(repositoryRoot, 'node_modules', '.cache', 'compile'),
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
  };
}

/**
 * Runs a program of this repository on the pinned Node, with this process's streams, in the caller's
 * folder. Signals go through to it, and the promise gives the exit status a shell would report.
 *
 * @param {readonly string[]} args script and arguments
 * @returns {Promise<number>}
 */
export function runPinned(args) {
  const child = spawn(pinnedNode(), [...args], { stdio: 'inherit', env: pinnedEnvironment() });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends SIGINT to the whole foreground group: the child has it already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((settle, fail) => {
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      settle(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}
