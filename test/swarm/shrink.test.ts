import { expect, test } from 'vitest';
import { drawFlight, drawMix } from './mix.ts';
import { shrink } from './shrink.ts';

test('a flight becomes as small as what is broken allows', () => {
  const seed = 12;
  const mix = [...drawMix(seed), 'long outputs', 'a small batch'];
  // Broken by two long outputs in a small batch.
  const smallest = shrink(seed, mix, (flight) => {
    const long = flight.rows.filter(({ output }) => output > 60);
    return long.length >= 2 && flight.has('engine.max_num_seqs');
  });
  expect(smallest.rows).toHaveLength(2);
  expect([...smallest.settings.keys()]).toEqual(['engine.max_num_seqs']);
});

test('a flight without one of its features is the same otherwise', () => {
  // Models write how long passes take as well.
  const mix = drawMix(99).filter((name) => name !== 'a model on a GPU');
  const whole = drawFlight(99, mix).flight;
  const without = drawFlight(
    99,
    mix.filter((name) => name !== 'pass times'),
  ).flight;
  expect(without.rows).toEqual(whole.rows);
  whole.settings.delete('engine.timing');
  expect(without.settings).toEqual(whole.settings);
});
