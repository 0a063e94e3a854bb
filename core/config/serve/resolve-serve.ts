import { InputError } from '#core/base/errors.ts';
import { ConfigError } from '../config-error.ts';
import { childValue, isRecord } from '../key-schema.ts';
import { POLICY_KEY } from '../policy-file/take-policy.ts';
import { describeIssues } from '../problems.ts';
import { resolveConfig } from '../resolve.ts';
import type { ConfigPlace } from '../source.ts';
import { fillEmptySections, valueAtPath } from '../written.ts';
import { engineRun } from './engines-run.ts';
import { tellsKvEvents } from './kv-event-places.ts';
import { locator } from './locator.ts';
import { NOT_LIVE } from './not-live.ts';
import { refuseNewer } from './refuse-newer.ts';
import { type Capacities, type EngineCapacity, runOfServe } from './run-of-serve.ts';
import { serveContradictions } from './serve-contradictions.ts';
import { SERVE_KEYS } from './serve-keys.ts';
import {
  type ParsedServeConfig,
  SERVE_VERSION,
  type ServeConfig,
  serveSchema,
} from './serve-schema.ts';
import { shadowContradictions, shadowOf, shadowRun } from './shadow-run.ts';

/**
 * Makes the config of a live router of what `serve.yaml` says: fills in defaults and refuses what is
 * unknown, bad, contradictory or without effect, as `resolveConfig` does for runs. Throws a
 * `ConfigError` that lists all problems found, each with place, path, value and what is allowed.
 * The contents of files that the router section names must stand in it by now.
 */
export function resolveServe(input: unknown, place: ConfigPlace = {}): ServeConfig {
  const written = fillEmptySections(input, SERVE_KEYS.top);
  const locate = locator(place);
  refuseNewer(written, SERVE_VERSION, locate);
  const judged = withoutPolicyFile(written);
  const parsed = serveSchema.safeParse(judged);
  if (!parsed.success) {
    throw new ConfigError(describeIssues(parsed.error.issues, judged, locate, SERVE_KEYS));
  }
  const config = parsed.data;
  const refused = [
    ...notLive(written),
    ...serveContradictions(config),
    ...shadowContradictions(config, written),
  ];
  throwIfAny(
    refused.map(({ path, why, remedy }) => {
      const received = valueAtPath(written, path);
      return new InputError('config_invalid', `impossible: ${why}`, {
        ...locate(path),
        path,
        // What is left out is nothing that was received.
        ...(received !== undefined && { received }),
        remedy,
      });
    }),
  );
  const router = believing(childValue(written, 'router'), config);
  const run = resolveConfig(runOfServe(config, router, capacitiesOf(config)), [], place);
  const { shadow: parsedShadow, ...rest } = config;
  const shadow = shadowOf(parsedShadow, written);
  const resolved = { ...rest, ...(shadow && { shadow }), router: run.router, run };
  if (shadow !== undefined) shadowRun({ ...resolved, shadow }, capacitiesOf(config), place);
  return resolved;
}

/** The same run with what the engines have said of themselves; the router's keys are written out. */
export function withCapacities(config: ServeConfig, told: Capacities): ServeConfig['run'] {
  const { router, run } = config;
  return engineRun(config, { router, compat: run.compat }, mergedCapacities(config, told));
}

/** What the config says of its engines, and what they say where it says nothing. */
export function mergedCapacities(
  config: Pick<ParsedServeConfig, 'engines'>,
  told: Capacities,
): Capacities {
  const own = capacitiesOf(config);
  const roles = ['aggregated', 'prefill', 'decode'] as const;
  const merged: Partial<Record<(typeof roles)[number], EngineCapacity>> = {};
  for (const role of roles) merged[role] = { ...told[role], ...own[role] };
  return merged;
}

/** Without KV events from anywhere, a router that looks at prompts believes what it has sent. */
function believing(router: unknown, config: ParsedServeConfig): unknown {
  const written = isRecord(router) ? router : {};
  const { mode } = config.router;
  const isInformed = mode === 'kv_router' || mode === 'policy';
  if (tellsKvEvents(config) || !isInformed || written.use_kv_events !== undefined) return written;
  return { ...written, use_kv_events: false };
}

/** What the entries of the config say of their engines. */
function capacitiesOf({ engines }: Pick<ParsedServeConfig, 'engines'>): Capacities {
  const found: Partial<Record<ParsedServeConfig['engines'][number]['role'], EngineCapacity>> = {};
  for (const { role, block_size, num_gpu_blocks, max_num_batched_tokens } of engines) {
    found[role] = {
      ...(block_size !== undefined && { blockSize: block_size }),
      ...(num_gpu_blocks !== undefined && { numGpuBlocks: num_gpu_blocks }),
      ...(max_num_batched_tokens !== undefined && { maxNumBatchedTokens: max_num_batched_tokens }),
      ...found[role],
    };
  }
  return found;
}

function notLive(written: unknown): readonly { path: string; why: string; remedy: string }[] {
  return NOT_LIVE.flatMap(({ key, allows, why }) => {
    const value = childValue(childValue(written, 'router'), key);
    if (value === undefined || allows(value)) return [];
    return [{ path: `router.${key}`, why, remedy: 'leave it out' }];
  });
}

/** The content of a policy file is judged with the rest of the router, by its own schema. */
function withoutPolicyFile(written: unknown): unknown {
  const router = childValue(written, 'router');
  if (!isRecord(written) || !isRecord(router)) return written;
  const { [POLICY_KEY]: _policy, ...rest } = router;
  return { ...written, router: rest };
}

function throwIfAny(problems: readonly InputError[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}
