import { spawnSync } from 'node:child_process';
import { execPath } from 'node:process';
import { REPOSITORY_ROOT } from '../architecture/repository.ts';

/** A network of its own, in which only loopback is up. */
const APART = ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c'];
const LOOPBACK_UP = 'ip link set lo up && exec "$@"';

/**
 * Runs a lane as a process of its own, in a network of its own where the machine allows that, and says
 * where it does not. Returns whether it passed.
 */
export function runApart(name: string, options: readonly string[], say: (line: string) => void) {
  const [program, ...args] = APART;
  const isAllowed = spawnSync(program!, [...args, LOOPBACK_UP, 'sh', 'true']).status === 0;
  if (!isAllowed) {
    say(`lane ${name}: no network namespace here, so its peers listen on every interface`);
  }
  const lane = [execPath, 'test/peers/main.ts', '--here', '--lane', name, ...options];
  const [first, ...rest] = isAllowed ? [...APART, LOOPBACK_UP, 'sh', ...lane] : lane;
  const { status } = spawnSync(first!, rest, { cwd: REPOSITORY_ROOT, stdio: 'inherit' });
  return status === 0;
}
