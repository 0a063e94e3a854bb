import { expect, test } from 'vitest';
import { configKeys } from '#core/config/keys.ts';
import { keysHelp } from './keys-help.ts';
import { createProgram } from './program.ts';

test('every key is listed once, and a type with all of its variants', () => {
  const lines = keysHelp().split('\n');
  const lineOf = (path: string) => lines.filter((line) => line.trim().split(' ')[0] === path);
  for (const { path } of configKeys()) expect(lineOf(path), path).toHaveLength(1);
  const types = configKeys().filter(({ path }) => path === 'engine.timing.type');
  expect(types.length).toBeGreaterThan(1);
  for (const { allowed } of types) expect(lineOf('engine.timing.type')[0]).toContain(allowed);
  for (const { allowed } of configKeys().filter(
    ({ path }) => path === 'workload.rate_shape.type',
  )) {
    expect(lineOf('workload.rate_shape.type')[0]).toContain(allowed);
  }
});

test('help points to the keys and does not list them', () => {
  const replay = createProgram().commands.find((command) => command.name() === 'replay');
  let text = '';
  replay?.configureOutput({ writeOut: (piece) => (text += piece) }).outputHelp();
  expect(text).toContain('--help-keys');
  expect(text).not.toContain('engine.watermark');
  expect(text).not.toContain('  engine.timing.type ');
});
