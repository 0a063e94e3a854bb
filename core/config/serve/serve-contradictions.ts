import type { Contradiction } from '../contradiction.ts';
import type { EngineEntry } from './engine-list.ts';
import type { ParsedServeConfig } from './serve-schema.ts';
import { idleTokenizerKeys, type TokenizerConfig, tokenizerSourceOf } from './tokenizer.ts';

/** What is wrong with a serve config whose single values are valid. */
export function serveContradictions({
  engines,
  journal,
  tokenizer,
  router,
}: ParsedServeConfig): readonly Contradiction[] {
  if (engines.length === 0) {
    const remedy = 'name one: {name: a, url: "http://127.0.0.1:8101"}';
    return [{ path: 'engines', why: 'there is no engine to send requests to', remedy }];
  }
  return [
    ...twins(engines, 'name', 'another engine is called so too'),
    ...twins(engines, 'url', 'another engine answers there too'),
    ...roles(engines),
    ...unlike(engines, 'block_size', 'prompts are cut into blocks once, for all engines'),
    ...engines.flatMap(eventContradictions),
    ...engines.flatMap(askedContradictions),
    ...journalContradictions(journal),
    ...tokenizerContradictions(tokenizer, engines),
    ...believingContradictions(engines, router),
  ];
}

function believingContradictions(
  engines: readonly EngineEntry[],
  { use_kv_events }: ParsedServeConfig['router'],
): readonly Contradiction[] {
  const publisher = engines.findIndex(({ kv_events }) => kv_events !== undefined);
  if (publisher < 0 || use_kv_events) return [];
  const why = 'the router is told to believe what it has sent, and not KV events';
  const remedy = 'leave it out, or set router.use_kv_events to true';
  return [{ path: `engines[${publisher}].kv_events`, why, remedy }];
}

function journalContradictions(journal: ParsedServeConfig['journal']): readonly Contradiction[] {
  if (journal?.path.endsWith('.gz') !== true) return [];
  const why = 'a live journal is plain text, so that a crash costs no more than its last line';
  return [{ path: 'journal.path', why, remedy: 'leave .gz out, and compress it when it is over' }];
}

function twins(
  engines: readonly EngineEntry[],
  key: 'name' | 'url',
  why: string,
): readonly Contradiction[] {
  const values = engines.map((engine) => engine[key]);
  const twin = values.findIndex((value, index) => values.indexOf(value) < index);
  if (twin < 0) return [];
  return [{ path: `engines[${twin}].${key}`, why, remedy: `give each engine a ${key} of its own` }];
}

function roles(engines: readonly EngineEntry[]): readonly Contradiction[] {
  const has = (role: EngineEntry['role']): boolean => engines.some((one) => one.role === role);
  const path = 'engines';
  if (has('aggregated') && (has('prefill') || has('decode'))) {
    const why = 'a request goes to engines of role aggregated, or to prefill and decode engines';
    return [{ path, why, remedy: 'leave one of the two out' }];
  }
  if (has('prefill') === has('decode')) return unlikeBackends(engines, has('prefill'));
  const [one, other] = has('prefill') ? ['prefill', 'decode'] : ['decode', 'prefill'];
  const why = `some engines have role ${one} and none has role ${other}`;
  return [{ path, why, remedy: `add one with role: ${other}, or leave the role out` }];
}

/** A KV cache is handed over between engines of one kind. */
function unlikeBackends(
  engines: readonly EngineEntry[],
  isDisaggregated: boolean,
): readonly Contradiction[] {
  if (!isDisaggregated) return [];
  const backendless = engines.findIndex(({ backend }) => backend === 'openai');
  if (backendless >= 0) {
    const why = 'the API of OpenAI has no words for a KV cache that is handed over';
    const remedy = 'set it to vllm, sglang or trtllm, or leave the role out';
    return [{ path: `engines[${backendless}].backend`, why, remedy }];
  }
  return unlike(engines, 'backend', 'a KV cache is handed over between engines of one kind');
}

function unlike(
  engines: readonly EngineEntry[],
  key: 'block_size' | 'backend',
  why: string,
): readonly Contradiction[] {
  const first = engines.find((engine) => engine[key] !== undefined)?.[key];
  const other = engines.findIndex((engine) => (engine[key] ?? first) !== first);
  if (other < 0) return [];
  const remedy = `make it ${first}, as the engines before it have`;
  return [{ path: `engines[${other}].${key}`, why, remedy }];
}

function eventContradictions(engine: EngineEntry, at: number): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (engine.kv_replay !== undefined && engine.kv_events === undefined) {
    found.push({
      path: `engines[${at}].kv_replay`,
      why: 'events can only be missed where some are received',
      remedy: 'leave it out, or set kv_events',
    });
  }
  for (const key of ['kv_topic', 'kv_events_mode', 'kv_first_sequence'] as const) {
    if (!isSaid(engine, key) || engine.kv_events?.match(/^(tcp|ipc):/)) continue;
    found.push({
      path: `engines[${at}].${key}`,
      why: 'no events come over ZMQ',
      remedy: 'leave it out, or set kv_events',
    });
  }
  if (engine.kv_events !== undefined && engine.backend === 'openai') {
    found.push({
      path: `engines[${at}].kv_events`,
      why: 'a server of that API alone publishes no KV events',
      remedy: 'leave it out, or set backend to vllm, sglang or trtllm',
    });
  }
  return found;
}

/** Whether a key has another value than the one that it has without being written. */
function isSaid(engine: EngineEntry, key: 'kv_topic' | 'kv_events_mode' | 'kv_first_sequence') {
  const { kv_topic, kv_events_mode, kv_first_sequence } = engine;
  if (key === 'kv_topic') return kv_topic !== undefined;
  return key === 'kv_events_mode' ? kv_events_mode !== 'auto' : kv_first_sequence !== 0;
}

function askedContradictions(engine: EngineEntry, at: number): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (engine.api_key_env !== undefined && engine.api_key_file !== undefined) {
    found.push({
      path: `engines[${at}].api_key_file`,
      why: 'the key is already taken from the environment',
      remedy: 'leave one of api_key_env and api_key_file out',
    });
  }
  if (engine.bootstrap_port !== undefined && !isBootstrap(engine)) {
    found.push({
      path: `engines[${at}].bootstrap_port`,
      why: 'only prefill engines of SGLang are asked for a KV cache there',
      remedy: 'leave it out',
    });
  }
  if (engine.priority_scheduling && !hasPriorities(engine)) {
    found.push({
      path: `engines[${at}].priority_scheduling`,
      why: `the API of ${engine.backend} has no priorities`,
      remedy: 'leave it out',
    });
  }
  return found;
}

function tokenizerContradictions(
  tokenizer: TokenizerConfig,
  engines: readonly EngineEntry[],
): readonly Contradiction[] {
  const source = tokenizerSourceOf(tokenizer, engines);
  if (source === 'local' && tokenizer.path === undefined) {
    return [
      {
        path: 'tokenizer.source',
        why: 'a tokenizer of its own needs files',
        remedy: 'set tokenizer.path to the folder with tokenizer.json, or leave the source out',
      },
    ];
  }
  if (source === 'local') return [];
  return idleTokenizerKeys(tokenizer).map((key) => ({
    path: `tokenizer.${key}`,
    why: `nothing is tokenized here while the source is ${source}`,
    remedy: 'leave it out, or set tokenizer.source to local and tokenizer.path to the files',
  }));
}

function isBootstrap({ backend, role }: EngineEntry): boolean {
  return backend === 'sglang' && role === 'prefill';
}

function hasPriorities({ backend }: EngineEntry): boolean {
  return backend === 'vllm' || backend === 'sglang';
}
