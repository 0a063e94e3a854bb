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
  [
    { model: 'Qwen/Qwen3-33B' },
    'allowed: one of 48 built-in models, or --model-config FILE; did you mean "Qwen/Qwen3-32B"?; `windtunnel explain models` lists them',
  ],
  [{ gpu: 'h1000' }, '--gpu: no built-in GPU has that name; received "h1000"; allowed: a100-sxm'],
])('%j is refused', (changes, message) => {
  expect(() => deploymentOf({ ...FLAGS, ...changes })).toThrow(message);
});
