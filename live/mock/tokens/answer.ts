import { Generator } from './generator.ts';
import { decode, END_OF_TEXT } from './tokenizer.ts';

/** What bounds an answer. */
export interface AnswerLimits {
  /** Most tokens. */
  readonly maxTokens: number;
  /** Tokens after which the model ends it by itself; absent where it must not or would not. */
  readonly endsAfter?: number;
  /** The answer ends where one of these turns up in its text. */
  readonly stop?: readonly string[];
  readonly stopTokenIds?: readonly number[];
  /** See `Generator`. */
  readonly variant?: number;
}

/** An answer as it will come out, token by token. */
export interface Answer {
  readonly tokens: Uint32Array;
  /** Text of each token. */
  readonly texts: readonly string[];
  readonly finishReason: 'length' | 'stop';
  /** What ended it, of those that the request named. */
  readonly stopReason: string | number | null;
}

/** The answer to a prompt, all of it at once. */
export function answerTo(prompt: Iterable<number>, limits: AnswerLimits): Answer {
  const { maxTokens, endsAfter, stop = [], stopTokenIds = [], variant } = limits;
  const generator = new Generator(prompt, variant);
  const tokens: number[] = [];
  const texts: string[] = [];
  const end = (finishReason: Answer['finishReason'], stopReason: Answer['stopReason']): Answer => ({
    tokens: Uint32Array.from(tokens),
    texts,
    finishReason,
    stopReason,
  });
  let text = '';
  while (tokens.length < maxTokens) {
    if (endsAfter !== undefined && tokens.length === endsAfter - 1) {
      tokens.push(END_OF_TEXT);
      texts.push('');
      return end('stop', null);
    }
    const token = generator.next();
    const piece = decode([token]);
    tokens.push(token);
    const before = text.length;
    text += piece;
    const stopped = firstStop(text, stop, before);
    if (stopped !== undefined) {
      texts.push(piece.slice(0, Math.max(0, stopped.at - before)));
      return end('stop', stopped.by);
    }
    texts.push(piece);
    if (stopTokenIds.includes(token)) return end('stop', token);
  }
  return end('length', null);
}

/** Where the first stop string begins that ends in the text behind `before`. */
function firstStop(
  text: string,
  stops: readonly string[],
  before: number,
): { readonly at: number; readonly by: string } | undefined {
  let first: { readonly at: number; readonly by: string } | undefined;
  for (const by of stops) {
    const at = text.indexOf(by, Math.max(0, before - by.length + 1));
    if (at >= 0 && by !== '' && (first === undefined || at < first.at)) first = { at, by };
  }
  return first;
}
