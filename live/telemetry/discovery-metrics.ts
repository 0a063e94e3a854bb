import { Gauge, type Registry } from 'prom-client';
import type { FleetStatus } from '#live/discovery/fleet-status.ts';
import type { PlaneCounters } from '#live/events/dynamo/plane-index.ts';
import type { EventPlaneStatus } from '#live/serve/event-plane.ts';
import { openScrapedGauge } from './scraped-gauge.ts';

/** Where the numbers are that a scrape asks for. */
export interface DiscoverySources {
  readonly fleet?: () => FleetStatus;
  readonly plane?: () => EventPlaneStatus;
}

/** Where engines come from and how far each has got, and what the event plane has brought. */
export function openDiscoveryMetrics(registry: Registry, { fleet, plane }: DiscoverySources): void {
  if (fleet !== undefined) openFleetMetrics(registry, fleet);
  if (plane?.().subscribed !== undefined) openPlaneMetrics(registry, plane);
}

function openFleetMetrics(registry: Registry, fleet: () => FleetStatus): void {
  const registers = [registry];
  new Gauge({
    name: 'windtunnel_discovery_engines',
    help: 'Engines that are listed, or still there, by how far they have got',
    labelNames: ['origin', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { origin, state } of fleet().engines) this.inc({ origin, state });
    },
  });
  const perSource = (
    name: string,
    help: string,
    value: (source: FleetStatus['sources'][number]) => number,
  ): void =>
    openScrapedGauge(registry, name, help, ['origin', 'place'], (set) => {
      for (const source of fleet().sources) {
        set({ origin: source.origin, place: source.place }, value(source));
      }
    });
  perSource(
    'windtunnel_discovery_left_out',
    'What sources see and the router cannot send to',
    ({ left_out }) => left_out.length,
  );
  perSource(
    'windtunnel_discovery_failing',
    '1 = the last look failed, and the list before it stands',
    ({ state }) => (state === 'failing' ? 1 : 0),
  );
}

/** Counted since the start. */
const PLANE_COUNTS: readonly (readonly [
  name: string,
  help: string,
  value: (counters: PlaneCounters) => number,
])[] = [
  ['events', 'Events of engines that are here', ({ events }) => events],
  ['unknown_workers', 'Events of others', ({ unknownWorkers }) => unknownWorkers],
  ['stale', 'Events that were known already', ({ stale }) => stale],
  ['gaps', 'Times that events were missed', ({ gaps }) => gaps],
  ['restarts', 'Times that the publisher of a rank began anew', ({ restarts }) => restarts],
];

function openPlaneMetrics(registry: Registry, plane: () => EventPlaneStatus): void {
  const registers = [registry];
  for (const [name, help, value] of PLANE_COUNTS) {
    new Gauge({
      name: `windtunnel_event_plane_${name}`,
      help,
      registers,
      collect() {
        const { subscribed } = plane();
        if (subscribed !== undefined) this.set(value(subscribed.counters));
      },
    });
  }
  new Gauge({
    name: 'windtunnel_event_plane_undecodable',
    help: 'Messages that were none',
    registers,
    collect() {
      const { subscribed } = plane();
      if (subscribed !== undefined) this.set(subscribed.undecodable);
    },
  });
}
