import { expect, test } from 'vitest';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { chunk, STREAM_END, STREAM_HEAD, tokenEvents } from '#test/support/scripted-engine.ts';

test('telemetry that throws whatever it is told is reported, and every request answered', async () => {
  const events = tokenEvents([' a', ' b']);
  const engine = await engineThat(({ socket }) => {
    socket.write(
      STREAM_HEAD + events.map((event) => chunk(event).toString()).join('') + STREAM_END,
    );
  });
  const fail = (): never => {
    throw new Error('no room for it');
  };
  const telemetry = {
    ...{ requestBegan: fail, tokensCame: fail, requestEnded: fail, traceparent: fail },
  };
  const { front, dispatcher, faults } = await frontOf({
    engines: [endpoint('a', engine.url)],
    telemetry,
  });
  for (let request = 0; request < 2; request++) {
    const body = { model: 'tiny', prompt: [1, 2], stream: true };
    expect((await post(front, '/v1/completions', body)).text).toBe(events.join(''));
  }
  await front.drain();
  expect(dispatcher.open).toBe(0);
  expect(new Set(faults.map(String))).toEqual(new Set(['Error: no room for it']));
  expect(faults.length).toBeGreaterThanOrEqual(2 * 4);
});
