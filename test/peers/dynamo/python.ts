import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { WindtunnelError } from '#core/base/errors.ts';
import { CannotRun } from '#test/support/cannot-run.ts';
import { installPeer, PEER_FOLDER } from '../../parity/peers/environment.ts';

/** The release that the lanes speak with. */
export const DYNAMO_VERSION = '1.6.1';

/** The Python with Dynamo in it, installed unless it is there. Throws `CannotRun` with what failed. */
export function provideDynamo(): string {
  const { WINDTUNNEL_DYNAMO_PYTHON: given } = env;
  if (given !== undefined && !existsSync(given)) {
    throw new CannotRun(`WINDTUNNEL_DYNAMO_PYTHON names ${given}, which is not there`);
  }
  try {
    return installPeer((line) => console.log(line));
  } catch (error) {
    if (error instanceof WindtunnelError) throw new CannotRun(error.message);
    throw error;
  }
}

/** The same where it is installed already; undefined where it is not. */
export function findDynamo(): string | undefined {
  const { WINDTUNNEL_DYNAMO_PYTHON: given } = env;
  const python = given ?? join(PEER_FOLDER, 'bin', 'python');
  const isThere = existsSync(python) && (given ?? existsSync(join(PEER_FOLDER, 'installed')));
  return isThere ? python : undefined;
}
