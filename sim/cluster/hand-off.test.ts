import { expect, test } from 'vitest';
import { NEVER } from '../workload/request-table.ts';
import { HandOff, HandOffTable } from './hand-off.ts';

const ROW = 20;

test('source first: the prompt, then room, then the transfer', () => {
  const table = new HandOffTable('source_first');
  table.open(ROW);
  expect(table.sourceHeld(ROW, 10)).toBe(false);
  expect(table.reserved(ROW, 12)).toBe(true);
  table.transferred(ROW, 15);
  table.activated(ROW, 16);
  expect(table.state[ROW]).toBe(HandOff.releasing);
  table.released(ROW, 18);
  expect(table.state[ROW]).toBe(HandOff.done);
  expect([table.sourceHeldNs[ROW], table.reservedNs[ROW], table.releasedNs[ROW]]).toEqual([
    10, 12, 18,
  ]);
});

test('destination first: room, then the prompt, then the transfer', () => {
  const table = new HandOffTable('destination_first');
  table.open(ROW);
  expect(table.reserved(ROW, 1)).toBe(false);
  expect(table.sourceHeld(ROW, 10)).toBe(true);
  table.transferred(ROW, 15);
  expect(table.state[ROW]).toBe(HandOff.activating);
});

test('tokens are promised to the prefill pool while room for them is waited for', () => {
  const table = new HandOffTable('destination_first', true);
  for (const [row, tokens] of [10, 200, 3000, 40_000].entries()) {
    table.asked(row, tokens);
    table.open(row);
  }
  expect([table.promisedRequests, table.promisedTokens]).toEqual([4, 43_210]);
  table.reserved(0, 1);
  table.fail(1);
  table.leave(2);
  expect([table.promisedRequests, table.promisedTokens]).toEqual([1, 40_000]);
  table.leave(0);
  expect(table.promisedRequests).toBe(1);
  const sourceFirst = new HandOffTable('source_first', true);
  sourceFirst.asked(0, 10);
  sourceFirst.open(0);
  expect(sourceFirst.promisedTokens).toBe(0);
});

test('a step out of turn is a defect', () => {
  const table = new HandOffTable('source_first');
  table.open(ROW);
  expect(() => table.reserved(ROW, 1)).toThrow('out of turn');
  expect(() => table.activated(ROW, 1)).toThrow('out of turn');
  table.sourceHeld(ROW, 1);
  expect(() => table.sourceHeld(ROW, 2)).toThrow('out of turn');
});

test('a request is turned away before its transfer or not at all', () => {
  const table = new HandOffTable('source_first');
  table.open(ROW);
  table.sourceHeld(ROW, 1);
  expect(table.fail(ROW)).toBe(HandOff.reserving);
  table.released(ROW, 2);
  expect([table.state[ROW], table.releasedNs[ROW]]).toEqual([HandOff.failed, 2]);
  const late = new HandOffTable('source_first');
  late.open(0);
  late.sourceHeld(0, 1);
  late.reserved(0, 1);
  expect(() => late.fail(0)).toThrow('too late');
});

test('a request that goes no such way has nothing but moments that did not come', () => {
  const table = new HandOffTable('source_first');
  table.open(ROW);
  expect([table.has(ROW - 1), table.has(ROW), table.has(ROW + 1)]).toEqual([false, true, false]);
  expect([table.prefillWorker[3], table.sourceHeldNs[3]]).toEqual([-1, NEVER]);
});
