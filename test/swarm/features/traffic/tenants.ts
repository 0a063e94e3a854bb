import type { Feature } from '../feature.ts';

const NAMES = ['acme', 'bulk', 'solo'];

const namedTenants: Feature = {
  name: 'tenants of the trace',
  lay(flight, draw) {
    flight.mapRows((row) => (draw.chance(0.8) ? { ...row, tenant: draw.pick(NAMES) } : row));
  },
};

const drawnTenants: Feature = {
  name: 'tenants with shares',
  lay(flight, draw) {
    const tenants = NAMES.slice(0, draw.between(1, 3)).map((name) => ({
      name,
      share: draw.between(1, 5),
      ...(draw.chance(0.5) && { priority: draw.between(-2, 5) }),
      ...(draw.chance(0.3) && { strict_priority: draw.between(0, 2) }),
      ...(draw.chance(0.5) && { policy_class: draw.pick(['vip', 'bulk', 'unheard-of']) }),
    }));
    flight.set('workload.tenants', tenants);
  },
};

export const TENANT_FEATURES: readonly Feature[] = [namedTenants, drawnTenants];
