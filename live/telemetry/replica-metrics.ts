import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReplicasStatus } from '#live/replicas/replicas-status.ts';

/** Where the numbers are that a scrape asks for; nothing where there are no other routers. */
export interface ReplicaSources {
  readonly replicas?: () => ReplicasStatus | undefined;
}

/** Counted since the start. */
const COUNTERS: readonly (readonly [
  name: string,
  help: string,
  value: (status: ReplicasStatus) => number,
])[] = [
  ['sent', 'Events told to other routers', ({ sent }) => sent],
  ['dropped', 'Events that there was no room to tell', ({ dropped }) => dropped],
  ['received', 'Events of other routers', ({ received }) => received],
  ['repeated', 'Events of other routers that said nothing new', ({ repeated }) => repeated],
  ['unreadable', 'Events that were none', ({ unreadable }) => unreadable],
  ['unknown_worker', 'Events of engines that are not here', ({ unknown_worker }) => unknown_worker],
  [
    'expired_requests',
    'Requests of other routers whose end never came',
    ({ expired_requests }) => expired_requests,
  ],
];

/** What is told to other routers and heard of them, at each scrape. */
export function openReplicaMetrics(registry: Registry, { replicas }: ReplicaSources): void {
  if (replicas?.() === undefined) return;
  const registers = [registry];
  for (const [name, help, value] of COUNTERS) {
    new Counter({
      name: `windtunnel_replica_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(replicas()!));
      },
    });
  }
  new Gauge({
    name: 'windtunnel_replica_missed_messages',
    help: 'Messages of other routers that have not come, as the numbers of later ones say',
    registers,
    collect() {
      this.set(replicas()!.missed_messages);
    },
  });
  new Gauge({
    name: 'windtunnel_replica_active_requests',
    help: 'Requests of another router that are load here',
    labelNames: ['router_id'],
    registers,
    collect() {
      this.reset();
      for (const { router_id, active_requests } of replicas()!.peers) {
        this.set({ router_id }, active_requests);
      }
    },
  });
}
