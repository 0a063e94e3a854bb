import { expect, test } from 'vitest';
import { Faults } from './faults.ts';

test('each fault is counted, each kind is told once, and the work goes on', () => {
  const faults = new Faults();
  const heard: string[] = [];
  const unlisten = faults.listen((text) => heard.push(text));
  const work = (): never => {
    throw new TypeError('not a function');
  };
  for (let turn = 0; turn < 3; turn++) faults.guard('a turn', work);
  faults.guard('a turn', () => undefined);
  expect([faults.count, heard.length]).toEqual([3, 1]);
  expect(heard[0]).toMatch(
    /^a fault of windtunnel itself in a turn: TypeError: not a function \(at work \(.*faults\.test\.ts:\d+:\d+\)\)$/,
  );
  expect(faults.last).toBe(heard[0]);
  unlisten();
  faults.meet('another', 'a word');
  expect([faults.count, heard.length]).toEqual([4, 1]);
});

test('faults of endless kinds do not fill the log', () => {
  const faults = new Faults();
  let heard = 0;
  faults.listen(() => heard++);
  for (let at = 0; at < 1_000; at++) faults.meet('a turn', `kind ${at}`);
  expect([faults.count, heard]).toEqual([1_000, 100]);
});
