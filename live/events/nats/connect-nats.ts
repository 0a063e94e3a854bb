import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { InputError } from '#core/base/errors.ts';

/**
 * Connects to the server that a key of the config names, for as long as the router runs: a server
 * that goes away later is waited for. Throws an `InputError` where none answers now.
 */
export async function connectNats(url: string, path: string): Promise<NatsConnection> {
  try {
    const name = 'windtunnel';
    return await connect({ servers: url, name, maxReconnectAttempts: -1 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError('config_invalid', `no NATS server answers (${why})`, {
      ...{ path, received: url },
      remedy: 'start it, or name the one that runs',
    });
  }
}
