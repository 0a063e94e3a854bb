import { expect, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { LATE_NS, type PeerRequestName, PeerRequests } from './peer-requests.ts';

const EXPIRY_NS = 300 * NS_PER_S;
const a: PeerRequestName = { router: 5n, target: 0, id: 'a' };

/** Requests, and what their books were told, in order. */
function open() {
  const told: string[] = [];
  let bookings = 0;
  const requests = new PeerRequests<number>(
    {
      book: (target, tokens) => {
        told.push(`book ${bookings} on ${target}: ${tokens}`);
        return bookings++;
      },
      prefillCompleted: (booking) => told.push(`prefilled ${booking}`),
      free: (booking) => told.push(`free ${booking}`),
    },
    EXPIRY_NS,
  );
  return { requests, told };
}

test('a request is load from when it was added until it ended, however often that is said', () => {
  const { requests, told } = open();
  for (let time = 0; time < 2; time++) requests.added(a, 640, time);
  expect([requests.active, requests.activeOf(5n), requests.activeOf(6n)]).toEqual([1, 1, 0]);
  for (let time = 2; time < 4; time++) requests.prefilled(a, time);
  for (let time = 4; time < 6; time++) requests.freed(a, time);
  requests.added(a, 640, 6);
  requests.prefilled(a, 7);
  expect(told).toEqual(['book 0 on 0: 640', 'prefilled 0', 'free 0']);
  expect([requests.active, requests.activeOf(5n), requests.known]).toEqual([0, 0, 1]);
  expect([requests.applied, requests.repeated, requests.expired]).toEqual([3, 5, 0]);
});

test('what comes before the beginning counts when it comes', () => {
  const { requests, told } = open();
  requests.prefilled({ ...a, router: 9n }, 0);
  requests.added(a, 640, 1);
  expect(told).toEqual(['book 0 on 0: 640', 'prefilled 0']);
  // Who adds a request is whose it is, not who first spoke of it.
  expect([requests.activeOf(5n), requests.activeOf(9n)]).toEqual([1, 0]);
  const b = { ...a, id: 'b' };
  requests.freed(b, 2);
  requests.added(b, 64, 3);
  expect(told).toHaveLength(2);
});

test('an id on two targets is two requests', () => {
  const { requests, told } = open();
  requests.added(a, 1, 0);
  requests.added({ ...a, target: 3 }, 2, 0);
  requests.freed(a, 1);
  expect(told).toEqual(['book 0 on 0: 1', 'book 1 on 3: 2', 'free 0']);
  expect(requests.active).toBe(1);
});

test('a request whose end is lost expires, and is forgotten when nothing late can matter', () => {
  const { requests, told } = open();
  requests.added(a, 640, 1000);
  requests.added({ ...a, id: 'b' }, 64, 2000);
  requests.freed({ ...a, id: 'b' }, 3000);
  expect(requests.nextWakeupNs()).toBe(3000 + LATE_NS);
  requests.catchUp(3000 + LATE_NS);
  expect(requests.known).toBe(1);
  expect(requests.nextWakeupNs()).toBe(1000 + EXPIRY_NS);
  requests.catchUp(999 + EXPIRY_NS);
  expect(requests.active).toBe(1);
  requests.catchUp(1000 + EXPIRY_NS);
  expect([requests.active, requests.expired, told.at(-1)]).toEqual([0, 1, 'free 0']);
  // A message that was held up on its way brings nothing back.
  requests.added(a, 640, 1001 + EXPIRY_NS);
  expect(requests.active).toBe(0);
  requests.catchUp(1000 + EXPIRY_NS + LATE_NS);
  expect([requests.known, requests.nextWakeupNs()]).toEqual([0, Number.POSITIVE_INFINITY]);
});

test('a beginning that comes after everything is forgotten is load until it expires', () => {
  const { requests } = open();
  requests.freed(a, 0);
  requests.added(a, 640, LATE_NS);
  expect(requests.active).toBe(1);
  requests.catchUp(LATE_NS + EXPIRY_NS);
  expect(requests.active).toBe(0);
});

test('what has ended is forgotten in time, so that nothing grows', () => {
  const { requests } = open();
  for (let at = 0; at < 5000; at++) {
    const name = { ...a, id: String(at) };
    requests.added(name, 1, at * NS_PER_S);
    requests.freed(name, at * NS_PER_S);
  }
  expect(requests.known).toBeLessThanOrEqual(61);
  expect(requests.active).toBe(0);
});
