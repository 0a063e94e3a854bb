import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endpoint } from '#test/support/front.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ModelBook } from './model-book.ts';

/** An engine whose list of models is `answer`'s to give. */
async function engineWith(answer: { current: RequestListener }): Promise<string> {
  const server = createServer((request, response) => answer.current(request, response));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const lists =
  (id: string): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify({ data: [{ id }] }));

test('for an engine that hangs one look waits, and no other; when it answers it counts again', async () => {
  const moody = { current: lists('tiny') };
  const engines = [
    endpoint('well', await engineWith({ current: lists('tiny') })),
    endpoint('moody', await engineWith(moody)),
  ];
  const clock = new ManualClock();
  const book = new ModelBook({ engines: () => engines, settings: new Map(), clock });
  await book.refresh();
  let asked = 0;
  moody.current = () => void asked++;
  const look = async (): Promise<unknown> => {
    clock.advance(2e9);
    return book.enginesOf('nope');
  };
  expect([await look(), asked]).toEqual([undefined, 1]);
  // Whoever waited would have seen it given up, and asked again, each time.
  for (let again = 0; again < 5; again++) expect(await look()).toBeUndefined();
  expect(asked).toBeLessThanOrEqual(2);
  expect(book.knownEnginesOf('tiny')).toEqual({ workers: undefined, isAdapter: false });
  moody.current = lists('new');
  const known = async () => {
    await look();
    return book.knownEnginesOf('new');
  };
  await expect.poll(known, { timeout: 30_000 }).toEqual({ workers: ['moody'], isAdapter: false });
});
