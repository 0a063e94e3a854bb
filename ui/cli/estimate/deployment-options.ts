import { type Command, Option } from 'commander';
import { QUANTIZATIONS } from '#core/perf/models/model-shape.ts';
import { counted, ratioFromOne, version } from '../number-flags.ts';
import { captureSizes } from './capture-sizes.ts';

/** Flags that say which model runs on what, read by `deploymentOf`. */
export function addDeploymentOptions(command: Command): Command {
  return command
    .option(
      '--model <name>',
      'a built-in model by its Hugging Face name (explain models lists them)',
    )
    .option('--model-config <file>', "a model's own config.json, instead of --model")
    .option('--gpu <name>', 'such as h100-sxm (explain gpus lists them), or a .yaml of your own')
    .addOption(
      new Option('--backend <engine>', 'engine')
        .choices(['vllm', 'sglang', 'trtllm'])
        .default('vllm'),
    )
    .option('--engine-version <version>', 'version of the engine, for what its host takes', version)
    .addOption(counted('--tp <gpus>', 'tensor parallelism').default(1))
    .addOption(counted('--pp <stages>', 'pipeline parallelism').default(1))
    .addOption(counted('--dp <ranks>', 'ranks with attention of their own').default(1))
    .addOption(counted('--ep <groups>', 'groups among which experts are dealt out').default(1))
    .addOption(
      new Option(
        '--expert-imbalance <ratio>',
        'load of the most popular expert over the mean (default: 1, even)',
      ).argParser(ratioFromOne),
    )
    .addOption(
      new Option(
        '--cudagraph-capture-sizes <list>',
        'tokens of the captured passes: auto, any or 1,2,4,8',
      )
        .argParser(captureSizes)
        .default('auto'),
    )
    .option('--enforce-eager', 'no CUDA graphs: the host starts every kernel')
    .addOption(
      new Option(
        '--quantization <kind>',
        'how matrices are stored (default: as the checkpoint says, or bf16)',
      ).choices(QUANTIZATIONS),
    )
    .addOption(
      new Option('--kv-cache-dtype <kind>', 'format of the KV cache')
        .choices(['bf16', 'fp8'])
        .default('bf16'),
    );
}
