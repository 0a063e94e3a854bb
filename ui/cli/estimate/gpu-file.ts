import { deploymentOf } from '#core/config/deployment.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { parseConfigText } from '#core/config/source.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { readConfigText } from '../config-text.ts';

/**
 * A GPU of the user's own by its file, YAML or JSON, with the keys of `cluster.gpu`. Throws an
 * InputError with file and key where one is missing, unknown or has no use.
 */
export function readGpuFile(file: string): Gpu {
  const { value } = parseConfigText(readConfigText(file), file);
  const config = resolveConfig(
    {
      model: { name: 'Qwen/Qwen3-8B' },
      cluster: { gpu: value },
      engine: { timing: { type: 'model' }, num_gpu_blocks: 1 },
    },
    [],
    { file },
  );
  return deploymentOf(config).gpu;
}
