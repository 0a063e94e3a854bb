import { expect, test, vi } from 'vitest';
import { repeatCommand } from './repeat-command.ts';

test('the command is what was typed, with the seed, without where results went', () => {
  const args = ['replay', 'my trace.jsonl', '--output-dir', 'out', '--overwrite', '--ttft', '500'];
  expect(repeatCommand(args, 42)).toBe("windtunnel replay 'my trace.jsonl' --ttft 500 --seed 42");
  expect(repeatCommand(['replay', 't', '--output-dir=out'], 1)).toBe(
    'windtunnel replay t --seed 1',
  );
});

test('a seed that was given is not repeated', () => {
  for (const args of [['--seed', '7'], ['--seed=7'], ['--set', 'seed=7'], ['--set=seed=7']]) {
    expect(repeatCommand(args, 7)).toBe(`windtunnel ${args.join(' ')}`);
  }
});

test('what a shell would take apart is quoted', () => {
  expect(repeatCommand(["it's", 'a;b', '--seed=1'], 1)).toBe(
    "windtunnel 'it'\\''s' 'a;b' --seed=1",
  );
});

test('the command begins as the user began, with npm start or by name', () => {
  vi.stubEnv('WINDTUNNEL_PROGRAM', 'npm start --');
  expect(repeatCommand(['replay', 't', '--seed=1'], 1)).toBe('npm start -- replay t --seed=1');
  vi.unstubAllEnvs();
});
