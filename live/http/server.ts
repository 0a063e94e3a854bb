import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import type { AuthConfig } from '#core/config/serve/auth.ts';
import type { HttpConfig } from '#core/config/serve/http.ts';
import type { TlsConfig } from '#core/config/serve/tls.ts';
import { HttpFailure } from './http-failure.ts';

/** How often connections are looked through for those that take too long. */
const CHECK_MS = 500;

/** Faults of a connection that never became a request, by the status they are answered with. */
const CONNECTION_FAULTS: Readonly<Record<string, HttpFailure>> = {
  HPE_HEADER_OVERFLOW: new HttpFailure(431, 'the headers are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new HttpFailure(408, 'the request took too long to arrive'),
};
/** What connections that are hung up on at once are counted as. */
const TOO_MANY = 503;
const NOT_HTTP = new HttpFailure(400, 'this is no HTTP request');

/** A server with the config's limits; HTTPS where it names a certificate. It does not listen yet. */
export function openServer(
  http: HttpConfig,
  tls: TlsConfig | undefined,
  folder: string,
  listener: RequestListener,
  refused: (status: number) => void,
): Server {
  const options: ServerOptions = {
    maxHeaderSize: http.max_header_bytes,
    headersTimeout: http.header_timeout_secs * 1_000,
    requestTimeout: (http.header_timeout_secs + http.body_timeout_secs) * 1_000,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: true,
    noDelay: true,
  };
  const server =
    tls === undefined
      ? createHttpServer(options, listener)
      : createHttpsServer({ ...options, ...certificate(tls, folder) }, listener);
  server.maxConnections = http.max_connections;
  server.on('drop', () => refused(TOO_MANY));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const failure = CONNECTION_FAULTS[error.code ?? ''] ?? NOT_HTTP;
    refused(failure.status);
    if (socket.writable && error.code !== 'ECONNRESET') socket.end(rawAnswer(failure));
    else socket.destroy();
  });
  return server;
}

/**
 * Listens where the config says, and says where that is. Throws an `InputError` where it cannot. What
 * goes wrong later, such as a connection for which there is no file handle, is reported each time.
 */
export async function listen(
  server: Server,
  { host, port }: Pick<HttpConfig, 'host' | 'port'>,
  report: (fault: unknown) => void,
): Promise<number> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'somebody else listens there' : message;
    const remedy = 'choose another http.port, or http.host';
    const received = `${host}:${port}`;
    throw new InputError('config_invalid', why, { path: 'http.port', received, remedy });
  }
  server.on('error', report);
  return (server.address() as AddressInfo).port;
}

/** What such an address lays open as the config stands, in words for a person. */
export function exposureOf(
  host: string,
  { client_keys, control_keys }: AuthConfig,
): string | undefined {
  if (/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)) return undefined;
  if (client_keys.length === 0)
    return `everyone who reaches ${host} may ask the engines: there are no auth.client_keys`;
  if (control_keys.length > 0) return undefined;
  return `everyone who reaches ${host} may read /status and /metrics: there are no auth.control_keys`;
}

function certificate(
  { cert_file, key_file }: TlsConfig,
  folder: string,
): { cert: Buffer; key: Buffer } {
  const read = (file: string, path: string): Buffer => {
    try {
      return readFileSync(resolve(folder, file));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new InputError('input_missing', `cannot be read (${code ?? 'unknown'})`, {
        path,
        received: file,
      });
    }
  };
  return { cert: read(cert_file, 'tls.cert_file'), key: read(key_file, 'tls.key_file') };
}

function rawAnswer({ status, body }: HttpFailure): string {
  return [
    `HTTP/1.1 ${status} Refused`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
