import { InputError } from '#core/base/errors.ts';
import { MEDIA_KEY, type TraceMedia } from '../media.ts';
import { describeValue, type JsonRecord, type LinePlace } from './fields.ts';

/**
 * The items that come with a prompt, undefined = none. An item that is named twice is one: it is
 * encoded once, and its embeddings are used in both places.
 * Source: vLLM mm_hashes, one hash an item of a multimodal request.
 */
export function readMedia(record: JsonRecord, place: LinePlace): TraceMedia | undefined {
  const value = record[MEDIA_KEY];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    throw new InputError('trace_invalid', 'not an array', {
      ...place,
      path: MEDIA_KEY,
      received: describeValue(value),
      allowed: 'a list of the ids of items',
    });
  }
  for (let index = 0; index < value.length; index++) {
    const id: unknown = value[index];
    if (typeof id === 'number' && id >>> 0 === id) continue;
    throw new InputError('trace_invalid', 'not the id of an item', {
      ...place,
      path: `${MEDIA_KEY}[${index}]`,
      received: describeValue(id),
      allowed: 'an integer from 0 to 4,294,967,295',
      remedy: 'number the distinct items from 0 if their hashes are longer',
    });
  }
  return value.length === 0 ? undefined : [...new Set(value as readonly number[])];
}
