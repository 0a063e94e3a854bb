import { expect, test } from 'vitest';
import { AnswerWatch } from './answer-watch.ts';
import { MOST_TOKENS } from './client-request.ts';

/** What is read of an answer, at most 100 tokens of which can be. */
function watched(isStream: boolean, text: string): AnswerWatch {
  const watch = new AnswerWatch(isStream, 100);
  watch.push(Buffer.from(text));
  watch.end();
  return watch;
}

function usage(completion: number, prompt: number, cached: number): string {
  const details = { cached_tokens: cached };
  const told = { completion_tokens: completion, prompt_tokens: prompt };
  return JSON.stringify({ usage: { ...told, prompt_tokens_details: details } });
}

test.each([
  [100, 50, 50, 100, 50],
  [101, 50, 51, 0, -1],
  [1e15, 1e18, 1e18, 0, -1],
  [1e308, -1, MOST_TOKENS + 1, 0, -1],
  [-1, 0, 0, 0, 0],
])('of %d tokens for a prompt of %d, %d of them cached, %d and %d are believed', (...told) => {
  const [completion, prompt, cached, tokens, cachedTokens] = told;
  const text = usage(completion, prompt, cached);
  expect(watched(false, text)).toMatchObject({ tokens, cachedTokens });
  expect(watched(true, `data: ${text}\n\n`)).toMatchObject({ tokens, cachedTokens });
});

test('of several errors in a stream the first counts, and a status only where it is one', () => {
  const events = ['{"error":{"code":7}}', '{"error":{"code":400}}', '[DONE]'];
  const { error, isDone } = watched(true, events.map((data) => `data: ${data}\n\n`).join(''));
  expect(error).toMatchObject({ status: 502, data: Buffer.from(events[0]!) });
  expect(isDone).toBe(true);
});
