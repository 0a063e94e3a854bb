import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { plain } from '#test/support/scripted-engine.ts';
import { BodyBudget } from './body-budget.ts';

const PATH = '/v1/completions';

test('what requests take together is bounded, and what they give back is there again', () => {
  const budget = new BodyBudget(10);
  const [one, two] = [budget.share(), budget.share()];
  one.take(4);
  two.take(6);
  expect(() => one.take(1)).toThrow('http.max_total_body_bytes');
  expect(budget.bytes).toBe(10);
  two.giveBack();
  two.giveBack();
  one.take(6);
  one.giveBack();
  expect(budget.bytes).toBe(0);
});

test('a body beyond the budget is refused while others are under way, and taken behind them', async () => {
  const waiting: (() => void)[] = [];
  const engine = await engineThat(({ socket }) => {
    waiting.push(() => void socket.write(plain('{}')));
  });
  const http = { port: 0, max_body_bytes: 1000, max_total_body_bytes: 1500 };
  const { front, record } = await frontOf({
    engines: [endpoint('a', engine.url)],
    config: { http },
  });
  const large = { prompt: [1], user: 'x'.repeat(900) };
  const first = post(front, PATH, large);
  await engine.request(0);
  const refused = await post(front, PATH, large);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(refused.text).toContain('http.max_total_body_bytes');
  const small = post(front, PATH, { prompt: [1] });
  await engine.request(1);
  for (const answer of waiting.splice(0)) answer();
  expect([(await first).status, (await small).status]).toEqual([200, 200]);
  await record(2);
  const third = post(front, PATH, large);
  await engine.request(2);
  waiting.splice(0)[0]!();
  expect((await third).status).toBe(200);
});

test('connections beyond the limit are hung up on, and counted', async () => {
  const engines = [endpoint('a', 'http://127.0.0.1:1')];
  const http = { port: 0, max_connections: 2 };
  const { front, refusals } = await frontOf({ engines, config: { http } });
  const open = [1, 2, 3, 4].map(() => connect(front.port, '127.0.0.1'));
  let closed = 0;
  for (const socket of open) {
    socket.on('error', () => undefined).on('close', () => void closed++);
  }
  await vi.waitFor(() => expect(closed).toBe(2), { timeout: 30_000 });
  expect(refusals).toEqual([503, 503]);
  for (const socket of open) socket.destroy();
});
