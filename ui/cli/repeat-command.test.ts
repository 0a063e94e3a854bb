import { expect, test, vi } from 'vitest';
import { repeatCommand } from './repeat-command.ts';

test('the command is what was typed, with the seed, without --quiet', () => {
  const args = ['replay', 'my trace.jsonl', '--quiet', '--gate', 'completed>0', '--ttft', '500'];
  expect(repeatCommand(args, 42)).toBe(
    "windtunnel replay 'my trace.jsonl' --gate 'completed>0' --ttft 500 --seed 42",
  );
});

test('outputs are made again, in the place of the same ones', () => {
  const args = ['replay', 't', '--output-dir', 'out', '--export', 'csv', '--series-step=9'];
  expect(repeatCommand(args, 1)).toBe(`windtunnel ${args.join(' ')} --seed 1 --overwrite`);
  expect(repeatCommand(['replay', 't', '--journal=j', '--overwrite', '--seed=1'], 1)).toBe(
    'windtunnel replay t --journal=j --overwrite --seed=1',
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
