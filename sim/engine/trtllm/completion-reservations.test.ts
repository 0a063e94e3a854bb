import { expect, test } from 'vitest';
import { CompletionReservations } from './completion-reservations.ts';

test('what is reserved is taken block by block, and what is left goes with the request', () => {
  const reservations = new CompletionReservations();
  reservations.admit(3, 5, 2);
  reservations.admit(40, 4, 4);
  expect(reservations.outstanding).toBe(3);
  reservations.take(2);
  reservations.end(40, 4);
  expect(reservations.outstanding).toBe(1);
  reservations.end(3, 4);
  expect(reservations.outstanding).toBe(0);
  expect(() => reservations.take(1)).toThrow('more blocks than they reserved');
});
