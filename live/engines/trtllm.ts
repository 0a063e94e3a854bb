import { JsonObject } from '#live/bytes/json-object.ts';
import { editObject, type JsonEdits } from '#live/bytes/splice.ts';
import type { EngineAdapter, EngineHints, HandOff } from './adapter.ts';
import { prefillBody } from './prefill-body.ts';

/** Ways for a prompt to end that leave something to generate. */
const UNFINISHED = ['"length"', '"not_finished"', 'null'];

/**
 * TensorRT-LLM's hand-off: the context engine answers with `disaggregated_params`, which the
 * generation engine gets with nothing but its request type changed. Ids in there exceed 2^53.
 */
const handOff: HandOff = {
  order: 'first',
  rendezvous: () => ({}),
  prefillBody: (body) =>
    prefillBody(body, { disaggregated_params: '{"request_type":"context_only"}' }),
  decodeBody: (body, _rendezvous, reply) => {
    const choice = reply && new JsonObject(reply).objects('choices')[0];
    const params = choice?.object('disaggregated_params');
    const reason = choice?.raw('finish_reason')?.toString() ?? 'null';
    if (params === undefined || !UNFINISHED.includes(reason)) return undefined;
    const generation = editObject(params, { request_type: '"generation_only"' });
    return editObject(body, { disaggregated_params: generation });
  },
};

/** Priorities are left out: its API has none that a client sets. */
function hintEdits({ cacheSalt }: EngineHints): JsonEdits {
  return cacheSalt === undefined ? {} : { cache_salt: JSON.stringify(cacheSalt) };
}

/** TensorRT-LLM's `trtllm-serve`; it refuses every field that it does not know. */
export const trtllm: EngineAdapter = {
  backend: 'trtllm',
  hintEdits,
  handOff,
  tellsTokenIds: false,
  metrics: {
    path: '/prometheus/metrics',
    names: {
      running: ['trtllm_num_requests_running'],
      waiting: ['trtllm_num_requests_waiting'],
      kvUsage: ['trtllm_kv_cache_utilization'],
      capacity: {
        blockSize: 'trtllm_kv_cache_tokens_per_block',
        blocks: 'trtllm_kv_cache_max_blocks',
      },
    },
  },
};
