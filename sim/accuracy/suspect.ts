import type { MeasuredRow } from '../estimate/measured/measured-row.ts';

/** A row that its own source contradicts, and why. */
interface Suspicion {
  readonly applies: (row: MeasuredRow) => boolean;
  readonly why: string;
}

const SUSPICIONS: readonly Suspicion[] = [
  {
    applies: ({ model }) => model === 'nvidia/Qwen3-32B-NVFP4',
    why: 'implies three times the peak FLOP rate',
  },
  {
    applies: ({ model, engine, gpu }) =>
      model === 'nvidia/Llama-3.1-8B-Instruct-FP8' && engine === 'vllm' && gpu.startsWith('H200'),
    why: 'time per token does not depend on tensor parallelism and is above 0.75 of peak',
  },
  {
    applies: ({ model, gpu, precision, engine_version }) =>
      model === 'Qwen/Qwen3-32B' &&
      gpu.startsWith('GB200') &&
      precision === 'bf16' &&
      engine_version === '1.3.0rc1',
    why: 'time per token jumps up and down with concurrency',
  },
  {
    applies: ({ source = '', model }) => /\/qwen3-32b\//.test(source) && /-14B/.test(model),
    why: 'its command names another model than its page, whose speed it has',
  },
  {
    applies: ({ workload }) => workload.kind === 'closed-loop' && workload.concurrency == null,
    why: 'a closed loop without its concurrency',
  },
];

/** Why a measured row is left out of fits and headline figures; undefined where it is not. */
export function suspicionOf(row: MeasuredRow): string | undefined {
  return SUSPICIONS.find(({ applies }) => applies(row))?.why;
}
