import { existsSync } from 'node:fs';
import { isRecord } from '#core/config/key-schema.ts';
import type { SetOption } from '#core/config/set-option.ts';
import type { ConfigSource } from '#core/config/source.ts';
import {
  type CalibratedDeployment,
  readCalibration,
} from '#core/perf/calibration/calibration-file.ts';
import { findGpu } from '#core/perf/hardware/find-gpu.ts';
import { findModel } from '#core/perf/models/find-model.ts';
import { readRun } from '../calibrate/evidence.ts';
import { readConfigText } from '../config-text.ts';
import { readModelFile } from '../model-file.ts';

/** What a recording says of its server, as a user would have written it: one worker of vLLM. */
export function readRecordingConfig(path: string): ConfigSource {
  const { server } = readRun(path);
  const value = {
    cluster: { workers: 1 },
    router: { mode: 'round_robin' },
    engine: {
      backend: 'vllm',
      num_gpu_blocks: server.kvBlocks,
      block_size: server.blockSize,
      max_num_seqs: server.maxNumSeqs,
      max_num_batched_tokens: server.maxBatchedTokens,
      enable_prefix_caching: server.prefixCaching,
    },
  };
  return { value, place: { file: path } };
}

/** Keys that say which model runs on what: who writes one of them means another deployment. */
const DEPLOYMENT_KEYS = /^(model|cluster\.gpu|cluster\.pools|engine\.timing)\b/;

/**
 * A config whose passes are those of the deployment that a calibration is of, where it names neither
 * model nor GPU nor timing of its own and that deployment is known here: by built-in names, or by the
 * config.json that it was calibrated with.
 */
export function withCalibratedDeployment(
  source: ConfigSource,
  sets: readonly SetOption[],
  calibrationPath: string | undefined,
): ConfigSource {
  const value = isRecord(source.value) ? source.value : {};
  const cluster = isRecord(value.cluster) ? value.cluster : {};
  const engine = isRecord(value.engine) ? value.engine : {};
  const isNamed = [value.model, cluster.gpu, cluster.pools, engine.timing].some(
    (part) => part !== undefined,
  );
  if (calibrationPath === undefined || isNamed) return source;
  if (sets.some(({ path }) => DEPLOYMENT_KEYS.test(path))) return source;
  const { deployment } = readCalibration(readConfigText(calibrationPath), calibrationPath);
  const model = modelOf(deployment);
  if (model === undefined || findGpu(deployment.gpu) === undefined) return source;
  return {
    ...source,
    value: {
      ...value,
      model,
      cluster: { ...cluster, gpu: deployment.gpu },
      engine: { ...engineOf(deployment), ...engine, timing: { type: 'model' } },
    },
  };
}

function modelOf({ model }: CalibratedDeployment): object | undefined {
  if (findModel(model) !== undefined) return { name: model };
  return existsSync(model) ? { name: model, config: readModelFile(model) } : undefined;
}

/** How the deployment is split and stored; what is 1 needs no word. */
function engineOf(deployment: CalibratedDeployment): object {
  const { data_parallel = 1, expert_parallel = 1 } = deployment;
  return {
    backend: deployment.engine,
    tensor_parallel_size: deployment.tensor_parallel,
    pipeline_parallel_size: deployment.pipeline_parallel,
    ...(data_parallel > 1 && { data_parallel_size: data_parallel }),
    ...(expert_parallel > 1 && { expert_parallel_size: expert_parallel }),
    quantization: deployment.quantization,
    kv_cache_dtype: deployment.kv_cache_dtype,
  };
}
