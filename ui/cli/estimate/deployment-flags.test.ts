import { expect, test } from 'vitest';
import { type DeploymentFlags, deploymentOf } from './deployment-flags.ts';

const FLAGS: DeploymentFlags = {
  model: 'Qwen/Qwen2.5-7B-Instruct',
  gpu: 'h100-sxm',
  backend: 'vllm',
  tp: 1,
  pp: 1,
  dp: 1,
  ep: 1,
  kvCacheDtype: 'bf16',
  cudagraphCaptureSizes: 'auto',
};

test.each<[Partial<DeploymentFlags>, string]>([
  [
    { tp: 7 },
    '--tp: the 4 KV heads of Qwen/Qwen2.5-7B-Instruct cannot be shared evenly; received 7; allowed: 1, 2, 4; the nearest that works is 4',
  ],
  [
    { modelConfig: 'config.json' },
    '--model: a model is built in or has a config.json of its own; received "Qwen/Qwen2.5-7B-Instruct"; leave out --model or --model-config',
  ],
  [
    { model: 'Qwen/Qwen3-33B' },
    'allowed: one of 48 built-in models, or --model-config FILE; did you mean "Qwen/Qwen3-32B"?; `windtunnel explain models` lists them',
  ],
  [{ gpu: 'h1000' }, '--gpu: no built-in GPU has that name; received "h1000"; allowed: a100-sxm'],
  [
    { expertImbalance: 2 },
    '--expert-imbalance: Qwen/Qwen2.5-7B-Instruct has none to be popular; received 2; allowed: 1: this model has no experts',
  ],
  [
    { model: 'Qwen/Qwen3-30B-A3B', expertImbalance: 128 },
    '--expert-imbalance: a layer of Qwen/Qwen3-30B-A3B has 128 experts, and one takes less than all; received 128; allowed: from 1 to below 128',
  ],
  [
    { enforceEager: true, cudagraphCaptureSizes: [1, 2] },
    '--cudagraph-capture-sizes: it has no effect with --enforce-eager',
  ],
  [
    { enforceEager: true, engineVersion: '0.6.1' },
    '--enforce-eager: it has no effect with this engine on this device, which captures nothing',
  ],
])('%j is refused', (changes, message) => {
  expect(() => deploymentOf({ ...FLAGS, ...changes })).toThrow(message);
});
