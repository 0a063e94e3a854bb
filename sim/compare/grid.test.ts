import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { expandGrid, parseVariation } from './grid.ts';

test('one key with words as values: the words are the names', () => {
  const grid = expandGrid([parseVariation('router.mode=round_robin,kv_router')]);
  expect(grid).toEqual([
    { name: 'round_robin', sets: ['router.mode=round_robin'] },
    { name: 'kv_router', sets: ['router.mode=kv_router'] },
  ]);
});

test('numbers and switches carry their key', () => {
  const names = (text: string): string[] => expandGrid([parseVariation(text)]).map((c) => c.name);
  expect(names('cluster.workers=4, 8')).toEqual(['workers=4', 'workers=8']);
  expect(names('engine.enable_prefix_caching=true,false')[1]).toBe('enable_prefix_caching=false');
});

test('two keys make a grid, the last one turning fastest', () => {
  const grid = expandGrid(
    ['cluster.workers=4,8', 'router.mode=random,kv_router'].map(parseVariation),
  );
  expect(grid.map(({ name }) => name)).toEqual([
    'workers=4, mode=random',
    'workers=4, mode=kv_router',
    'workers=8, mode=random',
    'workers=8, mode=kv_router',
  ]);
  expect(grid[3]?.sets).toEqual(['cluster.workers=8', 'router.mode=kv_router']);
});

test('commas inside brackets belong to a value', () => {
  const { values } = parseVariation(
    'engine.timing={type: fixed, prefill_ms: 1},{type: polynomial}',
  );
  expect(values).toEqual(['{type: fixed, prefill_ms: 1}', '{type: polynomial}']);
});

test('what makes no comparison is refused', () => {
  for (const text of ['router.mode', 'router.mode=', '=a,b', 'a=b,', 'a=b,b']) {
    expect(() => parseVariation(text), text).toThrow(InputError);
  }
  expect(() => expandGrid([])).toThrow(/2 to 256/);
  expect(() => expandGrid([parseVariation('a=b')])).toThrow(/2 to 256/);
  expect(() => expandGrid([parseVariation('a=b,c'), parseVariation('a=d,e')])).toThrow(/twice/);
});

test('a number is one value however it is written', () => {
  expect(() => parseVariation('engine.block_size=16,32,16.0')).toThrow(
    '--vary: the same value twice; received "16.0"',
  );
  expect(parseVariation('policy=1a,1').values).toEqual(['1a', '1']);
});
