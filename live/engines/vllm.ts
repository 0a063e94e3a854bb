import { JsonObject } from '#live/bytes/json-object.ts';
import { editObject, type JsonEdits } from '#live/bytes/splice.ts';
import type { EngineAdapter, EngineHints, HandOff } from './adapter.ts';
import type { EngineSettings } from './engine-settings.ts';
import { prefillBody } from './prefill-body.ts';

/** What a prefill engine is asked for: keep the KV cache for somebody, and say where it is. */
const REMOTE_DECODE =
  '{"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,"remote_host":null,"remote_port":null}';

/**
 * NixlConnector's hand-off: the prefill engine computes the prompt and one token, and answers with
 * `kv_transfer_params` of its own, which the decode engine gets as they are.
 */
const handOff: HandOff = {
  order: 'first',
  rendezvous: () => ({}),
  prefillBody: (body) => prefillBody(body, { kv_transfer_params: REMOTE_DECODE }),
  decodeBody: (body, _rendezvous, reply) => {
    const params = reply && new JsonObject(reply);
    if (params?.kind('kv_transfer_params') !== 'object') return undefined;
    return editObject(body, { kv_transfer_params: params.raw('kv_transfer_params') });
  },
};

function hintEdits({ priority, cacheSalt }: EngineHints, settings: EngineSettings): JsonEdits {
  return {
    ...(cacheSalt !== undefined && { cache_salt: JSON.stringify(cacheSalt) }),
    // vLLM takes the lowest first. A zero is turned without its sign.
    ...(priority !== undefined &&
      settings.priorityScheduling && { priority: String(0 - priority) }),
  };
}

/** vLLM: OpenAI's API and `kv_transfer_params`; checked against the bytes of 0.32. */
export const vllm: EngineAdapter = {
  backend: 'vllm',
  rankHeader: 'x-data-parallel-rank',
  hintEdits,
  handOff,
  tellsTokenIds: true,
  metrics: {
    path: '/metrics',
    names: {
      running: ['vllm:num_requests_running'],
      waiting: ['vllm:num_requests_waiting'],
      kvUsage: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
      capacity: {
        info: 'vllm:cache_config_info',
        blockSize: 'block_size',
        blocks: 'num_gpu_blocks',
      },
      rankLabel: 'engine',
    },
  },
};
