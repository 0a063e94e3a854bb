import type { AnswerHead, AnswerPiece, AnswerShapes, AnswerUsage } from './answer-shapes.ts';
import { chatLogprobs, completionLogprobs } from './logprobs.ts';

/**
 * Answers as SGLang gives them: fields as in its `entrypoints/openai/protocol.py` of mid-2026. What
 * ended an answer is `matched_stop`; token ids are there only when they were asked for.
 */
export const sglangShapes: AnswerShapes = {
  opening(head, index, promptTokens) {
    if (head.kind === 'completion') return undefined;
    const choice = {
      index,
      delta: delta('assistant', ''),
      logprobs: null,
      finish_reason: null,
      matched_stop: null,
      ...(promptTokens && { prompt_token_ids: promptTokens }),
    };
    return { ...start(head, 'chat.completion.chunk'), choices: [choice], usage: null };
  },

  piece(head, piece, usage) {
    const isChat = head.kind === 'chat';
    const text = piece.texts.join('');
    const choice = {
      index: piece.index,
      ...(isChat ? { delta: delta(null, text) } : { text }),
      ...ending(head, piece),
    };
    return {
      ...start(head, isChat ? 'chat.completion.chunk' : 'text_completion'),
      choices: [choice],
      usage: usage === undefined ? null : counts(usage),
    };
  },

  closing(head, usage) {
    const object = head.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion';
    return { ...start(head, object), choices: [], usage: counts(usage) };
  },

  whole(head, pieces, usage) {
    const isChat = head.kind === 'chat';
    return {
      ...start(head, isChat ? 'chat.completion' : 'text_completion'),
      choices: pieces.map((piece) => ({
        index: piece.index,
        ...(isChat
          ? { message: delta('assistant', piece.texts.join('')) }
          : { text: piece.texts.join('') }),
        ...ending(head, piece),
      })),
      usage: counts(usage),
      metadata: { weight_version: 'default' },
    };
  },
};

function start({ id, created, model }: AnswerHead, object: string): object {
  return { id, object, created, model };
}

function delta(role: string | null, content: string): object {
  return { role, content, reasoning_content: null, tool_calls: null };
}

function ending(head: AnswerHead, piece: AnswerPiece): object {
  return {
    logprobs: logprobsOf(head, piece),
    finish_reason: piece.finishReason,
    matched_stop: piece.stopReason,
    ...(head.returnTokenIds && { token_ids: piece.tokens }),
    ...(head.kind === 'completion' &&
      piece.promptTokens && { prompt_token_ids: piece.promptTokens }),
  };
}

function logprobsOf(head: AnswerHead, piece: AnswerPiece): object | null {
  if (head.logprobs === undefined) return null;
  return head.kind === 'chat'
    ? chatLogprobs(piece, head.logprobs)
    : completionLogprobs(piece, head.logprobs);
}

/** Cached tokens are told with `--enable-cache-report`. */
function counts({ promptTokens, completionTokens, cachedTokens }: AnswerUsage): object {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
    prompt_tokens_details: cachedTokens === undefined ? null : { cached_tokens: cachedTokens },
    reasoning_tokens: 0,
  };
}
