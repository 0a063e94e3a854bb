import { z } from 'zod';
import { count, describe } from '../describe.ts';

/** Engines that the live half speaks to; openai is any server of that API, which tells nothing else. */
export type EngineBackend = 'vllm' | 'sglang' | 'trtllm' | 'openai';

/** What an engine does for a request. */
export type EngineRole = 'aggregated' | 'prefill' | 'decode';

const url = (pattern: RegExp) => z.string().regex(pattern);
/** No address of an engine holds a name and a password: /status and notes show it. */
const HTTP_URL = /^https?:\/\/[^/?#\s@]+(\/[^?#\s]*)?$/;
const EVENT_URL = /^(ipc:\/\/\S+|(tcp|https?):\/\/[^/?#\s@]+(\/\S*)?)$/;

const reached = {
  name: describe(z.string().regex(/^[\w.-]{1,64}$/), {
    effect: 'What the engine is called in answers, metrics and pins; each has a name of its own.',
  }),
  backend: describe(z.enum(['vllm', 'sglang', 'trtllm', 'openai']).default('vllm'), {
    effect:
      'How the engine is spoken to; openai is any server of that API, without KV events and without metrics.',
  }),
  url: describe(url(HTTP_URL), {
    effect:
      'Where the engine answers HTTP, without /v1; a key that it asks for goes into api_key_env or api_key_file.',
    allowed: 'http://HOST:PORT or https://HOST:PORT, without a name or password in it',
    source: 'http://HOST:PORT',
  }),
};

const events = {
  kv_events: describe(url(EVENT_URL).exactOptional(), {
    effect:
      'Where the engine publishes its KV events; of several data-parallel ranks the first, the others follow on the next ports.',
    source: 'vLLM --kv-events-config endpoint, as one that is reachable from here',
    whenAbsent:
      'nobody knows what the engine holds; where no engine has the key, the router believes what it has sent',
  }),
  kv_replay: describe(url(EVENT_URL).exactOptional(), {
    effect: 'Where KV events that were missed can be asked for again.',
    source: 'vLLM --kv-events-config replay_endpoint',
    whenAbsent: 'after a gap the router forgets what the engine holds',
  }),
  kv_events_mode: describe(z.enum(['auto', 'bind', 'connect']).default('auto'), {
    effect:
      'Who waits for whom: bind waits for a publisher that connects, connect calls one that waits. auto binds where the host of kv_events is *, 0.0.0.0 or [::].',
    source: 'the other side of what vLLM does with its endpoint',
  }),
  kv_topic: describe(z.string().min(1).exactOptional(), {
    effect: 'Only KV events whose topic begins so count.',
    source: 'vLLM --kv-events-config topic',
    whenAbsent: 'all do',
  }),
  kv_first_sequence: describe(z.int().min(0).max(1).default(0), {
    effect: "Number of the engine's first batch of KV events; llm-d's simulator begins with 1.",
  }),
};

/** The ids of Dynamo's workers have 64 bits, which numbers of YAML and JSON do not hold. */
const WORKER_ID = /^(0|[1-9]\d{0,19})$/;

const planed = {
  worker_id: describe(z.string().regex(WORKER_ID).exactOptional(), {
    effect: "The engine's id among the workers of the event plane, and for other routers.",
    allowed: 'the digits of a number below 2^64, in quotes',
    source: "Dynamo's instance id",
    whenAbsent: 'a number that follows from its name, the same at every router',
  }),
};

const asked = {
  api_key_env: describe(z.string().regex(/^\w+$/).exactOptional(), {
    effect: 'Environment variable with the key that the engine asks for.',
    source: 'vLLM --api-key',
    whenAbsent: 'api_key_file, or what the client brings',
  }),
  api_key_file: describe(z.string().min(1).exactOptional(), {
    effect: 'File with the key that the engine asks for. It is relative to this file.',
    whenAbsent: 'api_key_env, or what the client brings',
  }),
  priority_scheduling: describe(z.boolean().default(false), {
    effect:
      'Whether the engine schedules by priority; only then is it told the priority of nvext.agent_hints, in its own direction.',
    source: 'vLLM --scheduling-policy priority, SGLang --enable-priority-scheduling',
  }),
  bootstrap_port: describe(z.int().min(1).max(65_535).exactOptional(), {
    effect: 'Port at which decode engines fetch the KV cache from a prefill engine of SGLang.',
    source: 'SGLang --disaggregation-bootstrap-port',
    whenAbsent: '8998',
  }),
};

const shape = {
  role: describe(z.enum(['aggregated', 'prefill', 'decode']).default('aggregated'), {
    effect: 'Whether the engine computes prompts, answers, or both.',
  }),
  data_parallel_size: describe(count().max(1024).default(1), {
    effect: 'Data-parallel ranks of the engine; each is a target of its own.',
    unit: 'ranks',
    source: 'vLLM --data-parallel-size',
  }),
  block_size: describe(count().exactOptional(), {
    effect: 'Tokens of a KV block; the same for all engines.',
    unit: 'tokens',
    source: 'vLLM --block-size, SGLang --page-size',
    whenAbsent: 'what the engine says',
  }),
  num_gpu_blocks: describe(count().exactOptional(), {
    effect: 'KV blocks of a rank.',
    unit: 'blocks',
    source: 'vLLM --num-gpu-blocks-override',
    whenAbsent: 'what the engine says',
  }),
  max_num_batched_tokens: describe(count().exactOptional(), {
    effect: 'Most tokens of a forward pass, by which the router tells who is busy.',
    unit: 'tokens',
    source: 'vLLM --max-num-batched-tokens',
    whenAbsent: 'what the engine says',
  }),
};

const apart = {
  taints: describe(z.array(z.string().min(1)).exactOptional(), {
    effect: 'What requests may ask for, or stay away from.',
    whenAbsent: 'none',
  }),
  topology: describe(z.record(z.string().min(1), z.string().min(1)).exactOptional(), {
    effect: 'Where the engine stands, by topology domain: zone, rack.',
    whenAbsent: 'nowhere in particular',
  }),
  lora_adapters: describe(z.array(z.string().min(1)).exactOptional(), {
    effect: 'LoRA adapters that it holds; requests for them prefer it.',
    whenAbsent: 'none',
  }),
  device: describe(z.enum(['accelerator', 'cpu']).exactOptional(), {
    effect: 'What it computes on, for the mode device_aware_weighted.',
    whenAbsent: 'accelerator',
  }),
};

/** What may be said of all engines of a kind at once. */
export const engineKind = {
  backend: reached.backend,
  kv_topic: events.kv_topic,
  kv_first_sequence: events.kv_first_sequence,
  ...asked,
  ...shape,
  ...apart,
};

/** What may be said of one engine. */
export const engineEntrySchema = z.strictObject({
  ...reached,
  ...events,
  ...planed,
  ...asked,
  ...shape,
  ...apart,
});

/** The engines behind the router. */
export const enginesSchema = describe(z.array(engineEntrySchema).max(1024).default([]), {
  effect: 'Engines that requests are sent to.',
});

/** An engine as the config names it. */
export type EngineEntry = z.output<typeof engineEntrySchema>;
