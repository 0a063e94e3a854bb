import type { Contradiction } from '../contradiction.ts';
import type { EngineEntry } from './engine-list.ts';
import type { EventPlaneConfig } from './event-plane.ts';

interface PlaneSurroundings {
  readonly engines: readonly EngineEntry[];
  /** Engines may be found that the config does not list. */
  readonly mayGetMore: boolean;
  readonly usesKvEvents: boolean;
  /** Other routers are told of requests, by the ids of engines. */
  readonly hasReplicas: boolean;
}

/** What is wrong with an event plane whose single values are valid. */
export function eventPlaneContradictions(
  plane: EventPlaneConfig | undefined,
  surroundings: PlaneSurroundings,
): readonly Contradiction[] {
  if (plane === undefined) return idleIds(surroundings);
  const { subscribe, publish } = plane;
  if (subscribe === undefined && publish === undefined) {
    const why = 'nothing is read and nothing is written';
    return [{ path: 'event_plane', why, remedy: 'set subscribe or publish, or leave it out' }];
  }
  return [
    ...(subscribe === undefined ? [] : subscribing(subscribe, surroundings)),
    ...(publish === undefined ? [] : publishing(publish, surroundings)),
    ...unused(surroundings, subscribe === undefined ? 'publish' : 'subscribe'),
  ];
}

function idleIds({
  engines,
  mayGetMore,
  hasReplicas,
}: PlaneSurroundings): readonly Contradiction[] {
  const at = engines.findIndex(({ worker_id }) => worker_id !== undefined);
  if (at < 0 || mayGetMore || hasReplicas) return [];
  const why = 'nobody reads it without an event plane and without replicas';
  return [{ path: `engines[${at}].worker_id`, why, remedy: 'leave it out, or set event_plane' }];
}

function subscribing(
  subscribe: NonNullable<EventPlaneConfig['subscribe']>,
  { engines, mayGetMore }: PlaneSurroundings,
): readonly Contradiction[] {
  const path = 'event_plane.subscribe';
  const ways = (['zmq', 'nats', 'jetstream'] as const).filter((way) => subscribe[way]);
  const [first, second] = ways;
  if (first === undefined) {
    const remedy = 'set one of zmq, nats and jetstream';
    return [{ path, why: 'nobody is listened to', remedy }];
  }
  if (second !== undefined) {
    const why = `the events come through ${first} already`;
    return [{ path: `${path}.${second}`, why, remedy: `leave one of ${ways.join(' and ')} out` }];
  }
  const isDeaf = engines.every(({ kv_events }) => kv_events !== undefined) && !mayGetMore;
  if (!isDeaf) return [];
  const why = 'every engine tells its KV events itself, at its kv_events';
  return [{ path, why, remedy: 'leave it out, or kv_events of the engines that publish there' }];
}

function publishing(
  publish: NonNullable<EventPlaneConfig['publish']>,
  { engines, mayGetMore }: PlaneSurroundings,
): readonly Contradiction[] {
  const path = 'event_plane.publish';
  if (publish.zmq === undefined && publish.nats === undefined) {
    return [{ path, why: 'nobody is told', remedy: 'set zmq or nats' }];
  }
  if (mayGetMore || engines.some(({ kv_events }) => kv_events !== undefined)) return [];
  const why = 'no engine tells this router what it holds';
  return [{ path, why, remedy: 'set kv_events of the engines, or leave it out' }];
}

function unused(
  { usesKvEvents }: PlaneSurroundings,
  side: 'subscribe' | 'publish',
): readonly Contradiction[] {
  if (usesKvEvents) return [];
  const why = 'the router is told to believe what it has sent, and not KV events';
  const remedy = 'leave it out, or set router.use_kv_events to true';
  return [{ path: `event_plane.${side}`, why, remedy }];
}
