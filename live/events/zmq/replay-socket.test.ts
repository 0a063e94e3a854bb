import { expect, test } from 'vitest';
import { Router } from 'zeromq';
import { until } from '#test/support/until.ts';
import { MESSAGE_BYTES_MAX } from './endpoint.ts';
import { ReplaySocket } from './replay-socket.ts';

test('an answer larger than any replay is hung up on, and what fits is read', async () => {
  const engine = new Router({ linger: 0 });
  await engine.bind('tcp://127.0.0.1:*');
  let replayed = 0;
  const handlers = {
    replayed: () => {
      replayed++;
    },
    replayEnded: () => {},
    replayFailed: () => {},
  };
  const socket = new ReplaySocket(engine.lastEndpoint!, handlers);
  socket.ask({ id: 1, from: 0 });
  const [caller] = await engine.receive();
  const answer = (payload: Buffer) => engine.send([caller!, Buffer.alloc(8), payload]);
  await answer(Buffer.from('a batch'));
  await until('what fits has come', () => replayed === 1);
  let hangUps = 0;
  engine.events.on('disconnect', () => hangUps++);
  await answer(Buffer.alloc(MESSAGE_BYTES_MAX + 1));
  await until('it has hung up, or has taken it', () => hangUps > 0 || replayed > 1);
  expect(replayed).toBe(1);
  socket.close();
  engine.close();
});
