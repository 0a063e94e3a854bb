import { expect, test } from 'vitest';
import { WatchedRequest } from './watched-request.ts';

/** A request that came at 10 ms, and what is made of it. */
function watch() {
  const heard: unknown[] = [];
  const state = { nowMs: 10 };
  const request = new WatchedRequest(7, 10e6, true, {
    now: () => state.nowMs * 1e6,
    judge: (...judged) => heard.push(judged),
    late: () => heard.push('late'),
    ended: (...ended) => heard.push(ended),
  });
  const at = (nowMs: number, act: () => void): void => {
    state.nowMs = nowMs;
    act();
  };
  return { heard, request, at };
}

const forecast = { id: 7, ttftNs: 20e6, e2eNs: 60e6 };

test('of a stream the first token is judged when the second shows that it is one, then the end', () => {
  const { heard, request, at } = watch();
  request.forecast = forecast;
  at(35, () => request.progress(1));
  expect(heard).toEqual([]);
  at(40, () => request.progress(2));
  at(80, () => request.ended(true));
  expect(heard).toEqual([
    ['ttft', 20, 25],
    ['e2e', 60, 70],
    [7, 2, true],
  ]);
});

test('an answer that comes at once has no first token, unless that is all of it', () => {
  const whole = watch();
  whole.request.forecast = forecast;
  whole.at(80, () => whole.request.progress(12));
  whole.at(80, () => whole.request.ended(true));
  expect(whole.heard).toEqual([
    ['e2e', 60, 70],
    [7, 12, true],
  ]);
  const single = watch();
  single.request.forecast = forecast;
  single.at(30, () => single.request.progress(1));
  single.at(30, () => single.request.ended(true));
  expect(single.heard).toEqual([
    ['ttft', 20, 20],
    ['e2e', 60, 20],
    [7, 1, true],
  ]);
});

test('a forecast that comes behind the first token is none of it', () => {
  const { heard, request, at } = watch();
  at(35, () => request.progress(1));
  request.forecast = forecast;
  at(40, () => request.progress(2));
  at(80, () => request.ended(true));
  expect(heard).toEqual(['late', ['e2e', 60, 70], [7, 2, true]]);
});

test('a client that leaves tells nothing of how long an answer takes', () => {
  const { heard, request, at } = watch();
  request.forecast = forecast;
  at(35, () => request.progress(1));
  at(40, () => request.progress(2));
  at(45, () => request.ended(false));
  expect(heard).toEqual([
    ['ttft', 20, 25],
    [7, 2, false],
  ]);
});
