import { expect, test } from 'vitest';
import { Publisher } from 'zeromq';
import { ownFaults } from '#live/faults.ts';
import { until } from '#test/support/until.ts';
import { EventSocket } from './event-socket.ts';

const DEAF = { message: () => {}, linkUp: () => {}, linkDown: () => {} };
const AGAIN = 100;

test('an address that was given back can be taken again at once, and one that is taken cannot', async () => {
  let socket = await EventSocket.open({ address: 'tcp://127.0.0.1:*', binds: true }, DEAF);
  const { address } = socket;
  for (let turn = 0; turn < AGAIN; turn++) {
    await socket.close();
    socket = await EventSocket.open({ address, binds: true }, DEAF);
  }
  await expect(EventSocket.open({ address, binds: true }, DEAF)).rejects.toThrow(
    'Address already in use',
  );
  await socket.close();
  await socket.close();
});

test('a handler that throws is told of, and the next message comes', async () => {
  const heard: string[] = [];
  const before = ownFaults.count;
  const handlers = {
    message: ([part]: readonly Uint8Array[]) => {
      heard.push(Buffer.from(part!).toString());
      if (heard.length === 1) throw new TypeError('a fault of a test');
    },
    linkUp: () => {
      throw new TypeError('another fault of a test');
    },
    linkDown: () => {},
  };
  const socket = await EventSocket.open({ address: 'tcp://127.0.0.1:*', binds: true }, handlers);
  const publisher = new Publisher({ linger: 0 });
  publisher.connect(socket.address);
  await until('both messages have come', async () => {
    await publisher.send('one');
    return heard.length > 1;
  });
  expect(ownFaults.count - before).toBe(2);
  publisher.close();
  await socket.close();
});
