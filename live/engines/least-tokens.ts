import type { JsonObject } from '#live/bytes/json-object.ts';
import type { JsonEdits } from '#live/bytes/splice.ts';

/**
 * What makes a request end with its first token: a prefill leg needs no more. Whichever of the two
 * limits the client wrote is lowered, since engines refuse what they do not know; `min_tokens` would
 * contradict it.
 */
export function leastTokens(body: JsonObject): JsonEdits {
  return {
    ...(body.has('max_completion_tokens') && { max_completion_tokens: '1' }),
    ...((body.has('max_tokens') || !body.has('max_completion_tokens')) && { max_tokens: '1' }),
    ...(body.has('min_tokens') && { min_tokens: undefined }),
  };
}
