import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

test.each([
  [['replay', 't', '--num-requests', '5', '--num-requests', '6'], '--num-requests: given twice'],
  [['replay', 't', '--format', 'json', '--format=json'], '--format: given twice'],
  [['trace', 'generate', 'chat', '-o', 'a', '--output', 'b'], '--output: given twice'],
  [['compare', 't', '--seeds', '5', '--seeds', '5'], '--seeds: given twice; received "5"'],
])('refuses %j', async (args, message) => {
  await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toThrow(message);
});

test('flags that gather their values may be repeated', async () => {
  const args = ['replay', 'none.jsonl', '--set', 'seed=1', '--set', 'cluster.workers=2'];
  await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toThrow('no such file');
});
