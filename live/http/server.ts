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
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const failure = CONNECTION_FAULTS[error.code ?? ''] ?? NOT_HTTP;
    refused(failure.status);
    if (socket.writable && error.code !== 'ECONNRESET') socket.end(rawAnswer(failure));
    else socket.destroy();
  });
  return server;
}

/** Listens where the config says, and says where that is. Throws an `InputError` where it cannot. */
export async function listen(server: Server, { host, port }: HttpConfig): Promise<number> {
  await new Promise<void>((done, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'somebody else listens there' : error.message;
      const remedy = 'choose another http.port, or http.host';
      reject(
        new InputError('config_invalid', why, {
          path: 'http.port',
          received: `${host}:${port}`,
          remedy,
        }),
      );
    });
    server.listen(port, host, done);
  });
  return (server.address() as AddressInfo).port;
}

/** Why such an address should not be listened on as the config stands, in words for a person. */
export function exposureOf(host: string, hasKeys: boolean): string | undefined {
  const isLoopback = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
  if (isLoopback || hasKeys) return undefined;
  return `everyone who reaches ${host} may ask the engines: there are no auth.client_keys`;
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
