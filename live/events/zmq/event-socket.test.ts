import { expect, test } from 'vitest';
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
