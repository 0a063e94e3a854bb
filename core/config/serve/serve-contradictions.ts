import type { Contradiction } from '../contradiction.ts';
import { discoveryContradictions, findsEngines } from './discovery-contradictions.ts';
import { engineContradictions, unlike } from './engine-contradictions.ts';
import type { EngineEntry } from './engine-list.ts';
import { eventPlaneContradictions } from './event-plane-contradictions.ts';
import type { KvEventPlaces } from './kv-event-places.ts';
import { limitContradictions } from './limit-contradictions.ts';
import { replicaContradictions } from './replica-contradictions.ts';
import type { ParsedServeConfig } from './serve-schema.ts';
import { idleTokenizerKeys, type TokenizerConfig, tokenizerSourceOf } from './tokenizer.ts';

/** What is wrong with a serve config whose single values are valid. */
export function serveContradictions(config: ParsedServeConfig): readonly Contradiction[] {
  const { engines, journal, tokenizer, router, discovery } = config;
  const emptyDiscovery = discoveryContradictions(discovery);
  if (emptyDiscovery.length > 0) return emptyDiscovery;
  if (engines.length === 0 && !findsEngines(discovery)) {
    const remedy = 'name one: {name: a, url: "http://127.0.0.1:8101"}';
    return [{ path: 'engines', why: 'there is no engine to send requests to', remedy }];
  }
  return [
    ...engineContradictions(engines),
    ...roles(engines, findsEngines(discovery)),
    ...eventPlaneContradictions(config.event_plane, {
      engines,
      mayGetMore: findsEngines(discovery),
      usesKvEvents: router.use_kv_events,
      hasReplicas: config.replicas !== undefined,
    }),
    ...limitContradictions(config.limits, config.auth),
    ...bodyContradictions(config.http),
    ...journalContradictions(journal),
    ...tokenizerContradictions(tokenizer, config),
    ...believingContradictions(config),
    ...replicaContradictions(config.replicas, router.mode),
  ];
}

function believingContradictions({
  engines,
  discovery,
  router,
}: ParsedServeConfig): readonly Contradiction[] {
  const names = discovery?.dns ?? [];
  const publisher = engines.findIndex(({ kv_events }) => kv_events !== undefined);
  const name = names.findIndex(({ engine }) => engine.kv_events_port !== undefined);
  if ((publisher < 0 && name < 0) || router.use_kv_events) return [];
  const why = 'the router is told to believe what it has sent, and not KV events';
  const remedy = 'leave it out, or set router.use_kv_events to true';
  const path =
    publisher < 0
      ? `discovery.dns[${name}].engine.kv_events_port`
      : `engines[${publisher}].kv_events`;
  return [{ path, why, remedy }];
}

function bodyContradictions({
  max_body_bytes: one,
  max_total_body_bytes: all,
}: ParsedServeConfig['http']): readonly Contradiction[] {
  if (one <= all) return [];
  const why = `one request may have ${one} bytes alone`;
  const remedy = 'raise it, or lower http.max_body_bytes';
  return [{ path: 'http.max_total_body_bytes', why, remedy }];
}

function journalContradictions(journal: ParsedServeConfig['journal']): readonly Contradiction[] {
  if (journal?.path.endsWith('.gz') !== true) return [];
  const why = 'a live journal is plain text, so that a crash costs no more than its last line';
  return [{ path: 'journal.path', why, remedy: 'leave .gz out, and compress it when it is over' }];
}

function roles(engines: readonly EngineEntry[], mayGetMore: boolean): readonly Contradiction[] {
  const has = (role: EngineEntry['role']): boolean => engines.some((one) => one.role === role);
  const path = 'engines';
  if (has('aggregated') && (has('prefill') || has('decode'))) {
    const why = 'a request goes to engines of role aggregated, or to prefill and decode engines';
    return [{ path, why, remedy: 'leave one of the two out' }];
  }
  if (mayGetMore || has('prefill') === has('decode'))
    return unlikeBackends(engines, has('prefill') || has('decode'));
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

function tokenizerContradictions(
  tokenizer: TokenizerConfig,
  places: KvEventPlaces,
): readonly Contradiction[] {
  const source = tokenizerSourceOf(tokenizer, places);
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
