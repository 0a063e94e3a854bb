import type { IneffectiveKey } from './ineffective-key.ts';
import { poolsOf } from './pools.ts';
import type { ResolvedConfig, RouterConfig } from './schema.ts';

/** Hints that order the router's queue. */
const PRIORITIES = ['priority', 'strict_priority'] as const;

/** What is written for tenants and changes nothing, because nobody reads it in any pool. */
export function idleTenantHints(config: ResolvedConfig): IneffectiveKey[] {
  const { workload } = config;
  const pools = poolsOf(config).map((pool) => pool.config);
  const routers = pools.map(({ router }) => router);
  const idle: IneffectiveKey[] = [];
  for (const [index, tenant] of (workload.tenants ?? []).entries()) {
    const add = (key: string, why: string, remedy: string): unknown =>
      idle.push({ path: `workload.tenants[${index}].${key}`, why, remedy });
    for (const key of PRIORITIES) {
      if (tenant[key] === undefined || routers.some(readsPriorities)) continue;
      if (key === 'priority' && pools.some(ordersWorkers)) continue;
      add(key, 'the router has no queue to order', 'leave it out, or give the router a queue');
    }
    if (tenant.policy_class !== undefined && !routers.some(hasClasses)) {
      const remedy = 'leave it out, or set router.router_policy_config';
      add('policy_class', 'the router has no policy classes', remedy);
    }
    const { share, priority, strict_priority, policy_class } = tenant;
    if ((share ?? priority ?? strict_priority ?? policy_class) !== undefined) continue;
    const remedy = 'leave the tenant out, or give it a share or a hint';
    add('name', 'nothing is said of the tenant', remedy);
  }
  return idle;
}

/** Policies of a user may look at whatever a request says. */
function readsPriorities(router: RouterConfig): boolean {
  return (
    router.mode === 'policy' || router.router_queue_threshold !== undefined || hasClasses(router)
  );
}

/** Workers order their own queues by priority, never by strict priority. */
function ordersWorkers({ engine }: ResolvedConfig): boolean {
  return engine.scheduling_policy === 'priority';
}

function hasClasses(router: RouterConfig): boolean {
  return router.router_policy_config !== undefined;
}
