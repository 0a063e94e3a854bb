import { getSystemErrorMap } from 'node:util';
import { InputError } from '#core/base/errors.ts';
import { endpointOfRank } from '#live/mock/kv-events/rank-endpoint.ts';
import type { KvEventOptions, MockOptions } from '#live/mock/mock-options.ts';

/** Where mock engines are to be found. */
export interface AddressFlags {
  readonly host: string;
  readonly port: number;
  readonly role: MockOptions['role'];
  readonly workers: number;
  readonly kvEvents?: string;
  readonly kvReplay?: string;
  readonly kvEventsMode: KvEventOptions['mode'];
  readonly bootstrapPort: number;
}

const PORT_MAX = 65_535;
const ENDPOINT = /^(?:tcp:\/\/(?<host>[^/]+):(?<port>\d+|\*)|ipc:\/\/.+)$/;

/** Refuses addresses that are none, or that workers and ranks would not have for themselves. */
export function checkAddresses(flags: AddressFlags, ranks: number): void {
  const { workers, kvEvents, kvReplay, kvEventsMode } = flags;
  checkLastPort('--port', flags.port, workers);
  if (flags.role === 'prefill') checkLastPort('--bootstrap-port', flags.bootstrapPort, workers);
  const count = workers * ranks;
  if (kvEvents !== undefined) checkEndpoint('--kv-events', kvEvents, kvEventsMode, count);
  if (kvReplay === undefined) return;
  if (kvEvents === undefined) {
    throw new InputError('usage', 'nothing can be asked for again that was never published', {
      path: '--kv-replay',
      received: kvReplay,
      remedy: 'give --kv-events too',
    });
  }
  checkEndpoint('--kv-replay', kvReplay, 'bind', count);
  const [events, replays] = [portOf(kvEvents), portOf(kvReplay)];
  if (events === undefined || replays === undefined || Math.abs(events - replays) >= count) return;
  throw new InputError('usage', 'events and replays of different workers or ranks share a port', {
    path: '--kv-replay',
    received: kvReplay,
    allowed: `a port at least ${count} away from ${events}`,
  });
}

/** ZeroMQ takes ports beyond the last one for others, without a word. */
function checkEndpoint(
  path: string,
  received: string,
  mode: KvEventOptions['mode'],
  count: number,
): void {
  const { host, port } = ENDPOINT.exec(received)?.groups ?? {};
  const isAny = port === '*' || Number(port) === 0;
  const isAnywhere = isAny || host === '*';
  const isEndpoint = ENDPOINT.test(received) && (isAny || !(Number(port) > PORT_MAX));
  if (!isEndpoint || (mode === 'connect' && isAnywhere)) {
    throw new InputError('usage', 'not an address', {
      path,
      received,
      allowed:
        mode === 'connect'
          ? 'tcp://HOST:PORT or ipc://PATH of somebody who listens there'
          : 'tcp://HOST:PORT, where HOST may be * and PORT 0, or ipc://PATH',
    });
  }
  if (!isAny && port !== undefined) checkLastPort(path, Number(port), count);
}

/** Further workers and ranks take the ports that follow. */
function checkLastPort(path: string, port: number, count: number): void {
  if (port === 0 || port + count - 1 <= PORT_MAX) return;
  throw new InputError('usage', `there are no ${count} ports from there on`, {
    path,
    received: port,
    allowed: `up to ${PORT_MAX - count + 1}`,
  });
}

function portOf(endpoint: string): number | undefined {
  const port = Number(ENDPOINT.exec(endpoint)?.groups?.port);
  return port > 0 ? port : undefined;
}

/** What a socket says that could not be opened, with the option that names its address. */
export function unopened(error: unknown, flags: AddressFlags, ranks: number): unknown {
  const { code, message, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  // An address that cannot be had is the user's, not a defect.
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const words = [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1] ?? message;
  const [path, received] =
    code === 'EADDRNOTAVAIL' && port !== undefined
      ? ['--host', flags.host]
      : optionOf(flags, ranks, address, port);
  return new InputError('usage', `cannot be opened: ${words} (${code})`, {
    path,
    received,
    remedy: 'choose another',
  });
}

function optionOf(
  flags: AddressFlags,
  ranks: number,
  address: string | undefined,
  port: number | undefined,
): readonly [option: string, received: string] {
  if (address === undefined) return ['--host', flags.host];
  if (port !== undefined) {
    const isMain = port >= flags.port && port < flags.port + flags.workers;
    return [isMain ? '--port' : '--bootstrap-port', `${address}:${port}`];
  }
  const replays = Array.from({ length: flags.workers * ranks }, (_, rank) =>
    flags.kvReplay === undefined ? '' : endpointOfRank(flags.kvReplay, rank),
  );
  return [replays.includes(address) ? '--kv-replay' : '--kv-events', address];
}
