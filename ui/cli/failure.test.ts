import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { describeFailure, wantsJson } from './failure.ts';

function usageFailure(args: readonly string[]): unknown {
  const program = new Command('windtunnel')
    .version('1.2.3')
    .exitOverride()
    .configureOutput({ outputError: () => undefined, writeOut: () => undefined });
  program.configureOutput({ ...program.configureOutput(), writeErr: () => undefined });
  program
    .command('replay')
    .option('--seed <seed>')
    .argument('<trace>')
    .action(() => undefined);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    expect(error).toBeInstanceOf(CommanderError);
    return error;
  }
  return undefined;
}

test('a wrong verb or option ends with 2 and names the nearest', () => {
  expect(describeFailure(usageFailure(['repaly']), false)).toEqual({
    exitCode: 2,
    text: `error: unknown command 'repaly'; did you mean "replay"?`,
  });
  expect(describeFailure(usageFailure(['replay', 'x', '--sed', '1']), false)).toEqual({
    exitCode: 2,
    text: `error: unknown option '--sed'; did you mean "--seed"?`,
  });
  expect(describeFailure(usageFailure(['replay']), false)).toEqual({
    exitCode: 2,
    text: "error: missing required argument 'trace'",
  });
});

test('help and version that were asked for end with 0, a missing verb with 2', () => {
  expect(describeFailure(usageFailure(['--version']), false)).toEqual({ exitCode: 0, text: '' });
  expect(describeFailure(usageFailure(['--help']), true)).toEqual({ exitCode: 0, text: '' });
  expect(describeFailure(usageFailure([]), false)).toEqual({ exitCode: 2, text: '' });
});

test('a typed error is one line with its own exit code, or one JSON object', () => {
  const input = new InputError('trace_invalid', 'no such number', { file: 'a', received: -1 });
  expect(describeFailure(input, false)).toEqual({
    exitCode: 2,
    text: 'error: a: no such number; received -1',
  });
  expect(JSON.parse(describeFailure(input, true).text)).toEqual({
    error: {
      code: 'trace_invalid',
      message: 'a: no such number; received -1',
      data: { file: 'a', received: -1 },
    },
  });
  expect(describeFailure(new WindtunnelError('simulation_stalled', 'stalled'), false)).toEqual({
    exitCode: 1,
    text: 'error: stalled',
  });
});

test('anything else is a defect and shows its stack', () => {
  const failure = describeFailure(new TypeError('x is not a function'), false);
  expect(failure.exitCode).toBe(1);
  expect(failure.text).toContain('error: x is not a function\nThis is a defect');
  expect(failure.text).toContain('failure.test.ts');
  expect(JSON.parse(describeFailure('thrown text', true).text)).toMatchObject({
    error: { code: 'defect', message: 'thrown text' },
  });
});

test.each([
  [['replay', 'x', '--format', 'json'], true],
  [['--format=json'], true],
  [['--format', 'table'], false],
  [['--format', 'json', '--format', 'md'], false],
  [['--format'], false],
  [['json'], false],
])('%j asks for JSON: %s', (args, expected) => {
  expect(wantsJson(args)).toBe(expected);
});

test('a bad value of an option is worded like one of --set', () => {
  const text = (message: string) =>
    describeFailure(new CommanderError(1, 'commander.invalidArgument', message), false).text;
  expect(text("error: option '--at <n>' argument '-1' is invalid. allowed: from 0")).toBe(
    'error: --at: bad value; received "-1"; allowed: from 0',
  );
  expect(
    text("error: option '--format <form>' argument 'xml' is invalid. Allowed choices are a, b."),
  ).toBe('error: --format: bad value; received "xml"; allowed: a, b');
  expect(
    text(
      "error: option '--backend <e>' argument 'vlm' is invalid. Allowed choices are vllm, trtllm.",
    ),
  ).toBe(
    'error: --backend: bad value; received "vlm"; allowed: vllm, trtllm; did you mean "vllm"?',
  );
});
