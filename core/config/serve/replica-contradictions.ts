import type { Contradiction } from '../contradiction.ts';
import type { RouterConfig } from '../schema.ts';
import type { ReplicasConfig } from './replicas.ts';

const OF_ZMQ = ['bind', 'peers'] as const;
const OF_NATS = ['servers', 'credentials_file', 'endpoint'] as const;

type RouterMode = RouterConfig['mode'];

/** Modes whose choice no load enters. */
const BLIND: ReadonlySet<RouterMode> = new Set<RouterMode>(['round_robin', 'random', 'direct']);

/** What is wrong with the routers that a router is to tell, whose single values are valid. */
export function replicaContradictions(
  replicas: ReplicasConfig | undefined,
  mode: RouterMode,
): readonly Contradiction[] {
  if (replicas === undefined) return [];
  const { transport, bind, peers } = replicas;
  if (BLIND.has(mode)) {
    const why = `mode ${mode} looks at no load, neither its own nor that of others`;
    return [{ path: 'replicas', why, remedy: 'leave it out, or set router.mode to kv_router' }];
  }
  const isZmq = transport === 'zmq';
  const needed = isZmq ? OF_ZMQ : (['servers'] as const);
  const idle = isZmq ? OF_NATS : OF_ZMQ;
  return [
    ...needed
      .filter((key) => replicas[key] === undefined)
      .map((key) => ({
        path: `replicas.${key}`,
        why: `transport ${transport} needs it`,
        remedy: `set it, or transport to ${isZmq ? 'nats' : 'zmq'}`,
      })),
    ...idle
      .filter((key) => replicas[key] !== undefined)
      .map((key) => ({
        path: `replicas.${key}`,
        why: `transport ${transport} does not read it`,
        remedy: `leave it out, or set transport to ${isZmq ? 'nats' : 'zmq'}`,
      })),
    ...(isZmq ? ofAddresses(bind, peers ?? []) : []),
  ];
}

function ofAddresses(bind: string | undefined, peers: readonly string[]): readonly Contradiction[] {
  const twin = peers.findIndex((peer, at) => peers.indexOf(peer) < at);
  const self = bind === undefined ? -1 : peers.indexOf(bind);
  return [
    ...(twin < 0
      ? []
      : [
          {
            path: `replicas.peers[${twin}]`,
            why: 'another peer waits there too',
            remedy: 'name each router once',
          },
        ]),
    ...(self < 0
      ? []
      : [
          {
            path: `replicas.peers[${self}]`,
            why: 'this router waits there itself',
            remedy: 'name only the others',
          },
        ]),
  ];
}
