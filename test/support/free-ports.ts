import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below what systems give to connections that go out, so that nobody else takes a port before its
 * program does; and of 15 bits, as Dynamo wants some of its own.
 */
const FIRST = 20_000;
const LAST = 32_767;

/** So many ports of loopback that nobody listens on, for programs that have to be told theirs. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: { readonly port: number; readonly server: Server }[] = [];
  while (held.length < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => once(server.close(), 'close')));
  return held.map(({ port }) => port);
}
