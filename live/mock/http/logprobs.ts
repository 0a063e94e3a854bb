import type { AnswerPiece } from './answer-shapes.ts';

/** All tokens of a small random model are about equally likely. */
const LOGPROB = -8.317_757_606_506_348;

/** As `/v1/completions` tells them; `count`: how many of the likeliest. */
export function completionLogprobs(piece: AnswerPiece, count: number): object {
  let offset = piece.textOffset;
  return {
    text_offset: piece.texts.map((text) => {
      const at = offset;
      offset += text.length;
      return at;
    }),
    token_logprobs: piece.tokens.map(() => LOGPROB),
    tokens: piece.texts,
    top_logprobs: piece.texts.map((text) => (count > 0 ? { [text]: LOGPROB } : null)),
  };
}

/** As `/v1/chat/completions` tells them. */
export function chatLogprobs(piece: AnswerPiece, count: number): object {
  const entry = (token: string): object => ({
    token,
    logprob: LOGPROB,
    bytes: [...new TextEncoder().encode(token)],
  });
  const content = piece.texts.map((text) => ({
    ...entry(text),
    top_logprobs: count > 0 ? [entry(text)] : [],
  }));
  return { content };
}
