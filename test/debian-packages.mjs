import { spawnSync } from 'node:child_process';

/**
 * @typedef {{ binary: string, package: string }} DebianPackage what a test runs, and what brings it
 * @typedef {(command: readonly string[]) => boolean} Run true when the command ended well
 */

/**
 * What the tests need beyond npm packages.
 *
 * @type {readonly DebianPackage[]}
 */
export const debianPackages = [
  { binary: 'nats-server', package: 'nats-server' },
  { binary: 'dnsmasq', package: 'dnsmasq-base' },
  { binary: 'etcd', package: 'etcd-server' },
  { binary: 'openssl', package: 'openssl' },
  { binary: 'prometheus', package: 'prometheus' },
];

/**
 * Installs what is missing with apt-get where that is allowed without a question, and gives the
 * packages that are still missing afterwards.
 *
 * @param {readonly DebianPackage[]} wanted
 * @param {Run} run
 * @param {boolean} isRoot
 * @returns {readonly string[]}
 */
export function provideDebianPackages(wanted, run, isRoot) {
  const missing = wanted.filter(({ binary }) => !run(['which', binary]));
  if (missing.length === 0) return [];
  const names = missing.map((entry) => entry.package);
  if (!isRoot && !run(['sudo', '-n', 'true'])) return names;
  const apt = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  run([...apt, 'update']);
  run([...apt, 'install', '--yes', '--no-install-recommends', ...names]);
  return missing.filter(({ binary }) => !run(['which', binary])).map((entry) => entry.package);
}

/**
 * Runs a command silently; its errors stay visible.
 *
 * @type {Run}
 */
export function runQuietly(command) {
  const [program = '', ...args] = command;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { stdio: 'ignore', env }).status === 0;
}
