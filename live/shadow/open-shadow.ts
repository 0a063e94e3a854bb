import { InputError } from '#core/base/errors.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { mergedCapacities } from '#core/config/serve/resolve-serve.ts';
import type { Capacities } from '#core/config/serve/run-of-serve.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { ShadowConfig } from '#core/config/serve/shadow.ts';
import { NO_SHADOW_APART, shadowRun } from '#core/config/serve/shadow-run.ts';
import { isInformed } from '#core/router/options.ts';
import type { Clock } from '../clock.ts';
import type { AdvisedPolicy } from './advice.ts';
import { Shadow } from './shadow.ts';

/** Other policies as files have them, and who flies them. */
export interface AdviseFiles {
  /** The file of the thread, which loads policies of users: that is up to whoever starts the router. */
  readonly thread: URL;
  readonly policies: readonly {
    readonly name: string;
    readonly file: string;
    /** The live router with that policy. */
    readonly config: Pick<ServeConfig, 'run'>;
  }[];
}

export interface OpenShadowOptions {
  readonly config: ServeConfig;
  /** Engines that have answered, those of the config and others, and what they have said of themselves. */
  readonly engines: ServeConfig['engines'];
  readonly capacities: Capacities;
  readonly advise: AdviseFiles | undefined;
  readonly clock: Clock;
  readonly note: (text: string) => void;
}

/** The shadow that a config asks for, if it does. Throws a `ConfigError` where none can be made. */
export function openShadow(options: OpenShadowOptions): Shadow | undefined {
  const { capacities, advise, clock, note, engines } = options;
  const config = { ...options.config, engines };
  const { shadow } = config;
  if (shadow === undefined) return undefined;
  refuseApart(engines);
  const { run, policies } = openShadowRuns({ ...config, shadow }, capacities, advise);
  if (run.engine.timing.type === 'polynomial') note(`shadow: ${POLYNOMIAL}`);
  return new Shadow({
    ...{ config: shadow, run, clock, note },
    knowsBlocks: isInformed(config.router.mode) && config.router.use_kv_events,
    ...(advise && { advise: { thread: advise.thread, policies } }),
  });
}

/** What the shadow flies: the run of the router as it is, and with each of the policies, that one first. */
export function openShadowRuns(
  config: ServeConfig & { readonly shadow: ShadowConfig },
  capacities: Capacities,
  advise: AdviseFiles | undefined,
): { readonly run: ResolvedConfig; readonly policies: readonly AdvisedPolicy[] } {
  const told = mergedCapacities(config, capacities);
  const runOf = ({ run }: Pick<ServeConfig, 'run'>) => shadowRun({ ...config, run }, told);
  const run = runOf(config);
  const others = (advise?.policies ?? []).map(({ name, file, config: own }) => {
    return { name, file, config: runOf(own) };
  });
  return { run, policies: [{ name: 'current', config: run }, ...others] };
}

/** Engines of a config are looked at before; others are found. */
function refuseApart(engines: ServeConfig['engines']): void {
  const apart = engines.find(({ role }) => role !== 'aggregated');
  if (apart === undefined) return;
  throw new InputError('config_invalid', `impossible: ${NO_SHADOW_APART}`, {
    path: 'shadow',
    received: `${apart.name}, role ${apart.role}`,
    remedy: 'leave it out',
  });
}

const POLYNOMIAL =
  "passes take as long as in Dynamo's mocker; shadow.engine.timing says how long those of your engines take";
