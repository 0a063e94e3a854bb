import { expect, test } from 'vitest';
import { SessionNumbers } from './session-numbers.ts';

test('a session that stays busy keeps no other in memory', () => {
  const sessions = new SessionNumbers(10);
  sessions.open('busy', 0);
  for (let at = 1; at <= 1000; at++) {
    const nowNs = at * 100;
    sessions.close(sessions.open(`short ${at}`, nowNs)!, nowNs + 1);
  }
  expect(sessions.count).toBe(2);
});

test('a session is forgotten when it has been idle for the time, counted from its last request', () => {
  const sessions = new SessionNumbers(10);
  const [one, twin] = [sessions.open('a', 0)!, sessions.open('a', 1)!];
  expect(twin).toBe(one);
  sessions.close(one, 2);
  sessions.open('b', 50);
  expect(sessions.open('a', 50)).toBe(one);
  sessions.close(one, 51);
  sessions.close(one, 52);
  expect(sessions.open('a', 62)).toBe(one);
  sessions.close(one, 63);
  const again = sessions.open('a', 74)!;
  expect(again.serial).not.toBe(one.serial);
});

test('while there are as many as may be, a new one gets no number and takes none', () => {
  const sessions = new SessionNumbers(10, 2);
  const a = sessions.open('a', 0)!;
  sessions.open('b', 0);
  expect(sessions.open('c', 1)).toBeUndefined();
  expect(sessions.open('a', 1)).toBe(a);
  sessions.close(a, 2);
  sessions.close(a, 2);
  expect(sessions.open('c', 12)).toBeUndefined();
  expect(sessions.open('c', 13)!.number).toBe(a.number);
});
