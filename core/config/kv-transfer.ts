import { z } from 'zod';
import { count, describe } from './describe.ts';

/** How the KV cache of a prompt gets from a prefill worker to a decode worker. */
export const kvTransferSchema = z
  .strictObject({
    bytes_per_token: describe(z.number().positive().max(1e9).exactOptional(), {
      effect:
        'KV cache of one token, which the transfer moves: layers × 2 × KV heads × head size × bytes of an element.',
      unit: 'bytes',
      source: 'Dynamo mocker kv_transfer_bytes_per_token',
      whenAbsent:
        'what the model of engine.timing.type model has, where transfers have a speed; otherwise a transfer takes no time',
    }),
    bandwidth_gb_s: describe(z.number().min(1e-3).max(1e6).exactOptional(), {
      effect:
        'How fast one transfer moves, whatever others do at the same time; on shared links, the most that it gets. 10⁹ bytes a second.',
      unit: 'GB/s',
      source: 'Dynamo mocker kv_transfer_bandwidth',
      whenAbsent: 'a transfer takes no time, or gets what the links give it',
    }),
    timing_mode: describe(z.enum(['full_prompt', 'destination_missing']).default('full_prompt'), {
      effect:
        'What a transfer moves: every token of the prompt, or the whole blocks that the decode worker does not hold.',
      source: 'Dynamo mocker kv_transfer_timing_mode',
    }),
    order: describe(z.enum(['source_first', 'destination_first']).exactOptional(), {
      effect:
        'What comes first: the prompt, and then room for it on a decode worker, or room, and only then the prompt.',
      source: 'Dynamo handoff order of the backend',
      whenAbsent:
        'destination_first for sglang and wherever a cache is streamed, source_first for the others',
    }),
    streaming: describe(z.enum(['none', 'chunks', 'layers']).default('none'), {
      effect:
        'When the KV cache leaves: once the prompt is computed, after each pass what it has computed, or layer by layer while the pass runs.',
      source: 'SGLang send_kv_chunk, TensorRT-LLM overlap, Mooncake layer-wise transfer',
    }),
    num_layers: describe(count().max(1000).exactOptional(), {
      effect:
        'Layers of the model; with streaming by layers only the last one is left after a pass.',
      unit: 'layers',
      source: 'Hugging Face num_hidden_layers',
      whenAbsent: 'streaming by layers needs it',
    }),
  })
  .meta({ description: 'How the KV cache of a prompt gets from prefill to decode.' });
