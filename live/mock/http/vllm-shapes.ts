import type { AnswerHead, AnswerPiece, AnswerShapes, AnswerUsage } from './answer-shapes.ts';
import { chatLogprobs, completionLogprobs } from './logprobs.ts';

const FINGERPRINT = 'vllm-0.32.0-windtunnel';

/** Answers as vLLM 0.32 gives them, key by key. */
export const vllmShapes: AnswerShapes = {
  opening(head, index, promptTokens) {
    if (head.kind === 'completion') return undefined;
    const delta = { role: 'assistant', content: '' };
    return {
      ...start(head, 'chat.completion.chunk'),
      choices: [{ index, delta, logprobs: null, finish_reason: null }],
      prompt_token_ids: promptTokens ?? null,
      prompt_text: null,
    };
  },

  piece(head, piece, usage) {
    const ids = head.returnTokenIds ? piece.tokens : null;
    const end = piece.finishReason === null ? {} : { stop_reason: piece.stopReason };
    const choice =
      head.kind === 'chat'
        ? {
            index: piece.index,
            delta: { content: piece.texts.join('') },
            logprobs: logprobsOf(head, piece),
            finish_reason: piece.finishReason,
            ...end,
            token_ids: ids,
          }
        : {
            index: piece.index,
            text: piece.texts.join(''),
            logprobs: logprobsOf(head, piece),
            finish_reason: piece.finishReason,
            stop_reason: piece.stopReason,
            prompt_token_ids: piece.promptTokens ?? null,
            token_ids: ids,
          };
    const object = head.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion';
    return {
      ...start(head, object),
      choices: [choice],
      ...(usage && { usage: counts(usage) }),
      ...(isLastOfAll(head, piece) && { system_fingerprint: FINGERPRINT }),
    };
  },

  closing(head, usage) {
    const object = head.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion';
    const details = detailsOf(head, usage);
    return {
      ...start(head, object),
      choices: [],
      usage: { ...counts(usage), ...(details && { prompt_tokens_details: details }) },
      system_fingerprint: FINGERPRINT,
    };
  },

  whole(head, pieces, usage, kvTransferParams) {
    const isChat = head.kind === 'chat';
    const details = detailsOf(head, usage);
    return {
      ...start(head, isChat ? 'chat.completion' : 'text_completion'),
      choices: pieces.map((piece) => (isChat ? message(head, piece) : text(head, piece))),
      service_tier: null,
      system_fingerprint: FINGERPRINT,
      usage: {
        ...counts(usage),
        prompt_tokens_details: details
          ? { cached_tokens: null, created_cache_tokens: null, ...details, multimodal_tokens: null }
          : null,
        completion_tokens_details: null,
      },
      ...(isChat && {
        prompt_logprobs: null,
        prompt_token_ids: pieces[0]?.promptTokens ?? null,
        prompt_text: null,
      }),
      kv_transfer_params: kvTransferParams,
      ec_transfer_params: null,
      metrics: null,
    };
  },
};

function start({ id, created, model }: AnswerHead, object: string): object {
  return { id, object, created, model };
}

/** The fingerprint comes with the last message: where usage follows, that is the other one. */
function isLastOfAll({ kind, includeUsage }: AnswerHead, { finishReason }: AnswerPiece): boolean {
  return kind === 'chat' && !includeUsage && finishReason !== null;
}

function counts({ promptTokens, completionTokens }: AnswerUsage): object {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
  };
}

/** Chat counts what it has put into the cache, in the releases that were seen always as 0. */
function detailsOf({ kind }: AnswerHead, { cachedTokens }: AnswerUsage): object | undefined {
  if (cachedTokens === undefined) return undefined;
  return { cached_tokens: cachedTokens, ...(kind === 'chat' && { created_cache_tokens: 0 }) };
}

function logprobsOf(head: AnswerHead, piece: AnswerPiece): object | null {
  if (head.logprobs === undefined) return null;
  return head.kind === 'chat'
    ? chatLogprobs(piece, head.logprobs)
    : completionLogprobs(piece, head.logprobs);
}

function text(head: AnswerHead, piece: AnswerPiece): object {
  return {
    index: piece.index,
    text: piece.texts.join(''),
    logprobs: logprobsOf(head, piece),
    finish_reason: piece.finishReason,
    stop_reason: piece.stopReason,
    token_ids: head.returnTokenIds ? piece.tokens : null,
    prompt_logprobs: null,
    prompt_token_ids: piece.promptTokens ?? null,
    routed_experts: null,
  };
}

function message(head: AnswerHead, piece: AnswerPiece): object {
  return {
    index: piece.index,
    message: {
      role: 'assistant',
      content: piece.texts.join(''),
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      reasoning: null,
    },
    logprobs: logprobsOf(head, piece),
    finish_reason: piece.finishReason,
    stop_reason: piece.stopReason,
    token_ids: head.returnTokenIds ? piece.tokens : null,
    routed_experts: null,
  };
}
