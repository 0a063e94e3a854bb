import type { TraceRouting } from '#traces/routing.ts';
import type { Draw } from '../../draw.ts';
import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** Some rows ask for one of these, on top of what they ask already. */
function ask(flight: Flight, draw: Draw, wishes: readonly TraceRouting[]): void {
  const share = draw.pick([0.2, 0.6, 1]);
  flight.mapRows((row) => {
    if (!draw.chance(share)) return row;
    return { ...row, routing: { ...row.routing, ...draw.pick(wishes) } };
  });
}

const places: Feature = {
  name: 'workers with taints and adapters',
  lay(flight, draw) {
    const workers = flight.number('cluster.workers', 4);
    const rest = { count: workers - 1, lora_adapters: ['sql'], topology: { zone: 'b' } };
    if (!flight.has('cluster.groups')) {
      const groups = [{ count: 1, taints: ['a'], topology: { zone: 'a' } }];
      flight.set('cluster.groups', workers === 1 ? groups : [...groups, rest]);
    }
    ask(flight, draw, [
      { requiredTaints: ['a'] },
      { requiredTaints: ['b'] },
      { preferredTaints: { a: 0.5 } },
      { requiredTaints: ['dynamo.topology/zone=b'] },
      { loraName: 'sql' },
    ]);
  },
};

const allowed: Feature = {
  name: 'requests that pick their workers',
  lay(flight, draw) {
    const last = flight.number('cluster.workers', 4) - 1;
    ask(flight, draw, [
      { allowedWorkers: [0] },
      { allowedWorkers: [0, last] },
      { excludedWorkers: [last] },
      { backendInstanceId: last, dpRank: 0 },
      { embeddingHolders: [0] },
    ]);
  },
};

const overrides: Feature = {
  name: 'requests with settings of their own',
  lay(flight, draw) {
    ask(flight, draw, [
      { override: { routerTemperature: 0.5, overlapScoreCredit: 0.5 } },
      { override: { overlapScoreWeight: 0 } },
      { override: { assumeKvReuse: false, trackPrefillTokens: false, prefillLoadScale: 2 } },
    ]);
  },
};

const priorities: Feature = {
  name: 'requests with priorities',
  lay(flight, draw) {
    flight.mapRows((row) => (draw.chance(0.5) ? { ...row, priority: draw.between(-1, 5) } : row));
  },
};

export const ASKING_FEATURES: readonly Feature[] = [places, allowed, overrides, priorities];
