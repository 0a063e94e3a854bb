import { InputError } from '#core/base/errors.ts';
import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { DEFAULT_TRACE_BLOCK_SIZE } from '#traces/formats/line-reader.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';

/** Refuses what only the trace can tell to be without effect, or to leave nothing to count. */
export function refuseIdleSettings(trace: LoadedTrace, config: ResolvedConfig): void {
  const { workload } = config;
  refuseIdleBlockSize(trace, workload.trace_block_size);
  refuseEndlessWarmUp(trace, workload.warmup_requests);
  if (workload.tenants !== undefined) refuseIdleTenants(trace, workload.tenants);
  refuseIdlePriorities(trace, config);
}

/** Whether the trace, whose format was detected, has hash ids. Our own format states blocks even without. */
function refuseIdleBlockSize({ path, format, hasContent }: LoadedTrace, blockSize: number): void {
  if (hasContent || format === 'windtunnel' || blockSize === DEFAULT_TRACE_BLOCK_SIZE) return;
  throw new InputError('config_invalid', 'has no effect: the trace has no hash ids', {
    path: 'workload.trace_block_size',
    received: blockSize,
    remedy: `leave it out: ${path} is a trace of the format ${format}`,
  });
}

function refuseEndlessWarmUp({ path, requests }: LoadedTrace, warmup: number | undefined): void {
  if (warmup === undefined || warmup < requests) return;
  throw new InputError('config_invalid', 'no request would count', {
    path: 'workload.warmup_requests',
    received: warmup,
    allowed: `less than the ${requests} requests of ${path}`,
  });
}

/** A share is for requests without a tenant, hints by name for those of the trace that have it. */
function refuseIdleTenants(
  { path, batches }: LoadedTrace,
  tenants: NonNullable<ResolvedConfig['workload']['tenants']>,
): void {
  const named = new Set(batches.flatMap(({ tenantId }) => tenantId));
  for (const [index, { name, share }] of tenants.entries()) {
    if (named.has(name) || (share !== undefined && named.has(undefined))) continue;
    const names = [...named].filter((tenant) => tenant !== undefined);
    throw new InputError('config_invalid', 'has no effect: no request is of this tenant', {
      path: `workload.tenants[${index}]`,
      received: name,
      ...(names.length > 0 && { allowed: names.slice(0, 20).join(', ') }),
      remedy: named.has(undefined)
        ? 'give it a share of the requests'
        : `every request of ${path} names its tenant: use those names`,
    });
  }
  const idleShare = tenants.findIndex(({ share }) => share !== undefined);
  if (idleShare < 0 || named.has(undefined)) return;
  throw new InputError('config_invalid', 'has no effect: the trace names every tenant', {
    path: `workload.tenants[${idleShare}].share`,
    received: tenants[idleShare]!.share,
    remedy: 'leave the shares out',
  });
}

/** Workers that order requests by priority need requests that differ in it. */
function refuseIdlePriorities({ path, batches }: LoadedTrace, config: ResolvedConfig): void {
  const asked = poolsOf(config).some((pool) => pool.config.engine.scheduling_policy === 'priority');
  const { tenants = [] } = config.workload;
  if (!asked || tenants.some(({ priority }) => priority !== undefined)) return;
  const [first] = batches[0]?.priority ?? [];
  const differs = batches.some(({ priority, count }) => {
    return priority.subarray(0, count).some((value) => value !== first);
  });
  if (differs) return;
  throw new InputError('config_invalid', 'has no effect: every request has the same priority', {
    path: 'engine.scheduling_policy',
    received: 'priority',
    remedy: `leave it out, give the requests of ${path} a priority, or their tenants with workload.tenants`,
  });
}
