import { expect, test } from 'vitest';
import { addressOfRank, waitsForPeers } from './endpoint.ts';

test('an address of every interface is one to wait at', () => {
  const waits = ['tcp://*:5557', 'tcp://0.0.0.0:5557', 'tcp://[::]:5557'];
  expect(waits.map(waitsForPeers)).toEqual([true, true, true]);
  const calls = ['tcp://127.0.0.1:5557', 'tcp://engine-0.pool:5557', 'ipc:///run/events'];
  expect(calls.map(waitsForPeers)).toEqual([false, false, false]);
});

test('each rank has the next port', () => {
  expect(addressOfRank('tcp://host:5557', 3)).toBe('tcp://host:5560');
  expect(addressOfRank('ipc:///run/events', 0)).toBe('ipc:///run/events');
  expect(() => addressOfRank('ipc:///run/events', 1)).toThrow('rank 1 has no port');
  expect(() => addressOfRank('tcp://host:65535', 1)).toThrow('rank 1 has no port');
});
