import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paint } from './paint.ts';

const TEXT = 'mean TTFT  0.7  better\np99 TTFT  1.2  worse\n! 3 rejected\nplain\n';

function terminal(isTTY: boolean): PassThrough {
  const { getColorDepth } = WriteStream.prototype;
  return Object.assign(new PassThrough(), { isTTY, getColorDepth });
}

// Whoever runs the tests may have said something about colour already.
beforeEach(() => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('TERM', 'xterm-256color');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test('verdicts and warnings stand out on a terminal', () => {
  const painted = paint(TEXT, terminal(true)).split('\n');
  expect(painted).toEqual([
    '\u001b[32mmean TTFT  0.7  better\u001b[39m',
    '\u001b[31mp99 TTFT  1.2  worse\u001b[39m',
    '\u001b[33m! 3 rejected\u001b[39m',
    'plain',
    '',
  ]);
});

test('a pipe and NO_COLOR get the plain text', () => {
  expect(paint(TEXT, terminal(false))).toBe(TEXT);
  vi.stubEnv('NO_COLOR', '1');
  expect(paint(TEXT, terminal(true))).toBe(TEXT);
});
