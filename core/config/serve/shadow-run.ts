import { InputError } from '#core/base/errors.ts';
import { ConfigError } from '../config-error.ts';
import type { Contradiction } from '../contradiction.ts';
import { childValue } from '../key-schema.ts';
import type { ResolvedConfig } from '../schema.ts';
import type { ConfigPlace } from '../source.ts';
import { engineRun } from './engines-run.ts';
import type { Capacities, runOfServe } from './run-of-serve.ts';
import type { ParsedServeConfig } from './serve-schema.ts';
import type { ShadowConfig } from './shadow.ts';

/** Why a shadow is refused behind engines of role prefill or decode. */
export const NO_SHADOW_APART = 'engines that compute prompts apart from answers have no shadow yet';

/** Keys of the engine that the list of engines has, under the same name, or the engines themselves. */
const SAID_BY_ENGINES = [
  'block_size',
  'num_gpu_blocks',
  'max_num_batched_tokens',
  'data_parallel_size',
] as const;

/** What is written of the shadow, with what its schema has made of the rest. */
export function shadowOf(
  parsed: ParsedServeConfig['shadow'],
  written: unknown,
): ShadowConfig | undefined {
  if (parsed === undefined) return undefined;
  const { engine: _engine, model: _model, gpu: _gpu, ...rest } = parsed;
  const [engine, model, gpu] = (['engine', 'model', 'gpu'] as const).map((key) =>
    childValue(childValue(written, 'shadow'), key),
  );
  return {
    ...rest,
    written: {
      ...(engine !== undefined && { engine }),
      ...(model !== undefined && { model }),
      ...(gpu !== undefined && { gpu }),
    },
  };
}

/** What is wrong with a shadow behind these engines. */
export function shadowContradictions(
  { engines, shadow }: ParsedServeConfig,
  written: unknown,
): readonly Contradiction[] {
  if (shadow === undefined) return [];
  if (engines.some(({ role }) => role !== 'aggregated')) {
    const why = NO_SHADOW_APART;
    return [{ path: 'shadow', why, remedy: 'leave it out' }];
  }
  const engine = childValue(childValue(written, 'shadow'), 'engine');
  const said = SAID_BY_ENGINES.filter((key) => childValue(engine, key) !== undefined);
  const found = said.map(
    (key): Contradiction => ({
      path: `shadow.engine.${key}`,
      why: 'the shadow has what the engines have',
      remedy: `leave it out, or write it to engines: ${key}`,
    }),
  );
  const backend = engines[0]?.backend;
  const isOfOneKind = engines.every((one) => one.backend === backend) && backend !== 'openai';
  if (isOfOneKind && childValue(engine, 'backend') !== undefined) {
    const why = `the engines are of one kind, ${backend}, and so is the shadow`;
    found.push({ path: 'shadow.engine.backend', why, remedy: 'leave it out' });
  }
  return found;
}

/**
 * The run that the shadow of a live router flies: the same router in front of engines as the shadow
 * section has them. Throws a `ConfigError` whose paths are those of `serve.yaml`.
 */
export function shadowRun(
  config: Pick<ParsedServeConfig, 'engines' | 'seed'> & {
    readonly shadow: ShadowConfig;
    readonly run: ResolvedConfig;
  },
  capacities: Capacities,
  place: ConfigPlace = {},
): ResolvedConfig {
  const { engine, model, gpu } = config.shadow.written;
  const extend = (base: ReturnType<typeof runOfServe>) => ({
    ...base,
    engine: { ...(base.engine as object), ...(engine as object | undefined) },
    ...(model !== undefined && { model }),
    cluster: { ...(base.cluster as object), ...(gpu !== undefined && { gpu }) },
  });
  const { lineOf } = place;
  const inShadow = { ...place, ...(lineOf && { lineOf: (path: string) => lineOf(pathOf(path)) }) };
  try {
    return engineRun(config, config.run, capacities, { extend, place: inShadow });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.problems.map(
        ({ code, problem, data, place: { path = '' } }) =>
          new InputError(code, problem, { ...data, path: pathOf(path) }),
      ),
    );
  }
}

/** Where in `serve.yaml` stands what a run has at a path. */
function pathOf(path: string): string {
  if (path === 'cluster.gpu' || path.startsWith('cluster.gpu.')) {
    return path.replace('cluster', 'shadow');
  }
  return /^(engine|model)\b/.test(path) ? `shadow.${path}` : path;
}
