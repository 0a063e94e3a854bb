import type { ResolvedConfig } from './schema.ts';

/** Whether requests may wait in the router. */
export function hasQueue({ router }: ResolvedConfig): boolean {
  return router.router_queue_threshold !== undefined || router.router_policy_config !== undefined;
}
