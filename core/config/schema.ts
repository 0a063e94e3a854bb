import { z } from 'zod';
import { clusterSchema } from './cluster.ts';
import { describe } from './describe.ts';
import { engineSchema } from './engine.ts';
import { kvTransferSchema } from './kv-transfer.ts';
import { modelSchema } from './model.ts';
import { networkSchema } from './network.ts';
import { routerSchema } from './router.ts';
import { simulationSchema } from './simulation.ts';
import { sloSchema } from './slo.ts';
import { workloadSchema } from './workload.ts';

/** The version that this program writes and to which older files are upgraded. */
export const CONFIG_VERSION = 1;

/** All that a user may write. Types, defaults, validation, JSON Schema and help come from here. */
export const configSchema = z
  .strictObject({
    version: describe(z.literal(CONFIG_VERSION).default(CONFIG_VERSION), {
      effect: 'Version of this format. A file without it is read as the current version.',
    }),
    seed: describe(z.int().min(0).default(42), {
      effect: 'Everything random is drawn from it; the same seed gives the same report.',
      source: 'AIPerf --random-seed',
    }),
    model: modelSchema.exactOptional(),
    cluster: clusterSchema.prefault({}),
    engine: engineSchema.prefault({}),
    router: routerSchema.prefault({}),
    kv_transfer: kvTransferSchema.prefault({}),
    network: networkSchema.prefault({}),
    workload: workloadSchema.prefault({}),
    slo: sloSchema.prefault({}),
    simulation: simulationSchema.prefault({}),
    compat: describe(z.enum(['none', 'dynamo-1.6']).default('none'), {
      effect: 'Imitate habits of that release where Windtunnel knowingly differs.',
    }),
  })
  .meta({ title: 'Windtunnel config', description: 'A run of Windtunnel: cluster and traffic.' });

/** A config as written: every key may be absent. */
export type ConfigInput = z.input<typeof configSchema>;

/** What the schema accepts, with defaults filled in. */
export type ParsedConfig = z.output<typeof configSchema>;

/** A section with as many KV blocks as there are. */
type Sized<Section> = Section extends { num_gpu_blocks: unknown }
  ? Omit<Section, 'num_gpu_blocks'> & { num_gpu_blocks: number }
  : Omit<Section, 'num_gpu_blocks'> & { num_gpu_blocks?: number };

type ParsedPool = NonNullable<ParsedConfig['cluster']['pools']>[number];
type SizedPool = Omit<ParsedPool, 'engine'> & { engine?: Sized<NonNullable<ParsedPool['engine']>> };

/** The same with every worker's memory known, before aliases are folded. */
export type ValidatedConfig = Omit<ParsedConfig, 'engine' | 'cluster'> & {
  engine: Sized<ParsedConfig['engine']>;
  cluster: Omit<ParsedConfig['cluster'], 'pools'> & { pools?: SizedPool[] };
};

/** The router settings of a run; the legacy alias has become the keys that it stands for. */
export type RouterConfig = Omit<ValidatedConfig['router'], 'overlap_score_weight'>;

/** A config that a run may use as it is: complete, checked, without aliases. */
export type ResolvedConfig = Omit<ValidatedConfig, 'router'> & { router: RouterConfig };

export type ClusterConfig = ResolvedConfig['cluster'];
export type EngineConfig = ResolvedConfig['engine'];
export type TimingConfig = EngineConfig['timing'];
export type KvTransferConfig = ResolvedConfig['kv_transfer'];
export type NetworkConfig = ResolvedConfig['network'];
export type WorkloadConfig = ResolvedConfig['workload'];
export type SloConfig = ResolvedConfig['slo'];
export type SimulationConfig = ResolvedConfig['simulation'];
export type RouterMode = RouterConfig['mode'];
export type CompatMode = ResolvedConfig['compat'];
