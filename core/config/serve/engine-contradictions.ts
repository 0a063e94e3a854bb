import type { Contradiction } from '../contradiction.ts';
import type { EngineEntry } from './engine-list.ts';

/** What is wrong with the entries of engines, each for itself and beside the others. */
export function engineContradictions(engines: readonly EngineEntry[]): readonly Contradiction[] {
  return [
    ...twins(engines, 'name', 'another engine is called so too'),
    ...twins(engines, 'url', 'another engine answers there too'),
    ...unlike(engines, 'block_size', 'prompts are cut into blocks once, for all engines'),
    ...engines.flatMap(eventContradictions),
    ...sharedAddresses(engines),
    ...engines.flatMap(askedContradictions),
  ];
}

/** The first engine that has another value of a key than the first one that has any. */
export function unlike(
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

/** Engines that publish at one address are told apart by the topics of their messages. */
function sharedAddresses(engines: readonly EngineEntry[]): readonly Contradiction[] {
  const at = engines.findIndex((engine, index) =>
    engines.slice(0, index).some((other) => soundsLike(engine, other)),
  );
  if (at < 0) return [];
  const why = 'another engine publishes at the same kv_events, and their topics do not differ';
  const remedy = 'give each a kv_topic that no other one begins with, or a kv_events of its own';
  const key = engines[at]!.kv_topic === undefined ? 'kv_events' : 'kv_topic';
  return [{ path: `engines[${at}].${key}`, why, remedy }];
}

function soundsLike(one: EngineEntry, other: EngineEntry): boolean {
  if (one.kv_events === undefined || one.kv_events !== other.kv_events) return false;
  const [topic, beside] = [one.kv_topic ?? '', other.kv_topic ?? ''];
  return topic.startsWith(beside) || beside.startsWith(topic);
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

function isBootstrap({ backend, role }: EngineEntry): boolean {
  return backend === 'sglang' && role === 'prefill';
}

function hasPriorities({ backend }: EngineEntry): boolean {
  return backend === 'vllm' || backend === 'sglang';
}
