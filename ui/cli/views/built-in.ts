import type { ComputeFormat, Gpu } from '#core/perf/hardware/gpu.ts';
import { parameterCount } from '#core/perf/memory/weights.ts';
import type { Experts, ModelShape } from '#core/perf/models/model-shape.ts';
import { formatCount } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';

const GIB = 2 ** 30;
const GIGA = 1e9;
const TERA = 1e12;
const NONE = '–';

const MODEL_HEADER = [
  'model',
  'parameters',
  'a token',
  'layers',
  'attention',
  'experts',
  'stored as',
  'context',
];

/** Models by what their speed and memory depend on, a line each; parameters in billions. */
export function modelTable(models: readonly ModelShape[]): string {
  const rows = models.map((model) => {
    const { all, active } = parameterCount(model);
    return [
      model.name,
      `${(all / GIGA).toFixed(1)} B`,
      `${(active / GIGA).toFixed(1)} B`,
      formatCount(model.layers),
      attentionText(model),
      expertsText(model.experts),
      model.quantization ?? 'bf16',
      model.maxContext === undefined ? NONE : formatCount(model.maxContext),
    ];
  });
  return renderAligned({ header: MODEL_HEADER, rows }).join('\n');
}

function attentionText({ attention }: ModelShape): string {
  if (attention.kind === 'mla') return `latent ${attention.kvRank}`;
  return `${attention.heads}/${attention.kvHeads} heads`;
}

function expertsText(experts: Experts | undefined): string {
  return experts === undefined ? NONE : `${experts.perToken} of ${experts.count}`;
}

const GPU_HEADER = [
  'GPU',
  'GiB',
  'GB/s',
  'bf16',
  'fp8',
  'int8',
  'fp4',
  'link GB/s',
  'NIC GB/s',
  'a node',
  'USD/h',
];

/** GPUs by what they can do at best, a line each; number formats in dense TFLOP/s. */
export function gpuTable(gpus: readonly Gpu[]): string {
  const rows = gpus.map((gpu) => [
    gpu.name,
    formatCount(gpu.memoryBytes / GIB),
    formatCount(gpu.memoryBytesPerS / GIGA),
    ...(['bf16', 'fp8', 'int8', 'fp4'] as const).map((format) => rateText(gpu, format)),
    formatCount(gpu.linkBytesPerS / GIGA),
    formatCount(gpu.nicBytesPerS / GIGA),
    formatCount(gpu.gpusPerNode),
    gpu.usdPerHour.toFixed(2),
  ]);
  return renderAligned({ header: GPU_HEADER, rows }).join('\n');
}

function rateText({ flopsPerS }: Gpu, format: ComputeFormat): string {
  const rate = flopsPerS[format];
  return rate === undefined ? NONE : formatCount(rate / TERA);
}
