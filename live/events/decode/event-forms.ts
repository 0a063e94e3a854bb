import { DecodeError } from './decode-error.ts';
import { type Fields, isFields } from './fields.ts';

/**
 * Both forms of an event as named fields. vLLM before 0.24 and SGLang before 0.5.20 send arrays, the
 * tag first and defaults at the end left out; later ones send maps with a `type`.
 */
export function fieldsOfEvent(event: unknown): Fields {
  if (isFields(event)) return event;
  if (!Array.isArray(event)) throw new DecodeError('an event must be an array or a map', event);
  const names = POSITIONS[String(event[0])];
  if (names === undefined) return { type: event[0] };
  const fields: Record<string, unknown> = { type: event[0] };
  let place = 0;
  for (let at = 1; at < event.length; at++) {
    if (names[place] === 'group_idx' && Array.isArray(event[at])) {
      // An older tail has the objects of each block before the group.
      fields.block_mm_infos = event[at];
      continue;
    }
    const name = names[place++];
    // What stands behind the last known field is of a later release.
    if (name !== undefined) fields[name] = event[at];
  }
  return spreadMetadata(fields);
}

const TAIL = [
  'group_idx',
  'kv_cache_spec_kind',
  'kv_cache_spec_sliding_window',
  'locality',
  'ownership',
];

/** vllm/distributed/kv_events.py and sglang/srt/disaggregation/kv_events.py, field by field. */
const POSITIONS: Readonly<Record<string, readonly string[]>> = {
  BlockStored: [
    'block_hashes',
    'parent_block_hash',
    'token_ids',
    'block_size',
    'lora_id',
    'medium',
    'lora_name',
    'extra_keys',
    ...TAIL,
    'session_id',
  ],
  BlockRemoved: ['block_hashes', 'medium', ...TAIL],
  AllBlocksCleared: ['ownership'],
};

/** SGLang puts a map with the cache salt where vLLM has the adapter's name. */
function spreadMetadata(fields: Record<string, unknown>): Fields {
  const metadata = fields.lora_name;
  if (!isFields(metadata)) return fields;
  return { ...fields, lora_name: undefined, cache_salt: metadata.cache_salt };
}
