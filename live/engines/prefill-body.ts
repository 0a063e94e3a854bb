import type { JsonObject } from '#live/bytes/json-object.ts';
import { editObject, type JsonEdits } from '#live/bytes/splice.ts';

/**
 * The body of a prefill leg that comes first: one token in one piece, and the hand-off that the engine
 * is asked for. Whichever of the two limits the client wrote is lowered, since engines refuse what they
 * do not know; `min_tokens` would contradict it.
 */
export function prefillBody(body: JsonObject, handOff: JsonEdits): Buffer {
  return editObject(body, {
    stream: 'false',
    stream_options: undefined,
    ...(body.has('max_completion_tokens') && { max_completion_tokens: '1' }),
    ...((body.has('max_tokens') || !body.has('max_completion_tokens')) && { max_tokens: '1' }),
    ...(body.has('min_tokens') && { min_tokens: undefined }),
    ...handOff,
  });
}
