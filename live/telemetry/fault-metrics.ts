import { Gauge, type Registry } from 'prom-client';
import type { Faults } from '#live/faults.ts';

/** How often the program itself has failed in the background. */
export function openFaultMetrics(registry: Registry, faults: Faults): void {
  new Gauge({
    name: 'windtunnel_own_faults',
    help: 'Faults of windtunnel itself in work that nobody waits for, since the start',
    registers: [registry],
    collect() {
      this.set(faults.count);
    },
  });
}
