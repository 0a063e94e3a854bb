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
])('%j is refused', (changes, message) => {
  expect(() => deploymentOf({ ...FLAGS, ...changes })).toThrow(message);
});
