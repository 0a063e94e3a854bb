import type { Gpu } from '../hardware/gpu.ts';
import type { Quantization } from '../models/model-shape.ts';
import type { ReduceCurve, ReduceFit } from './all-reduce.ts';
import type { ContextAttentionFit } from './context-attention.ts';
import fits from './fits.json' with { type: 'json' };
import type { GemmFit } from './gemm.ts';
import type { GenerationAttentionFit } from './generation-attention.ts';

/** The engines whose kernels are told apart. */
export type EngineName = 'vllm' | 'sglang' | 'trtllm';

/** Cache formats that attention is fitted for. */
export type KvFormat = 'bf16' | 'fp8';

interface FitSet {
  readonly gemm: Readonly<Record<string, GemmFit>>;
  readonly ctx: Readonly<Record<string, ContextAttentionFit>>;
  readonly gen: Readonly<Record<string, GenerationAttentionFit>>;
  readonly all_reduce: Readonly<Record<string, ReduceCurve>>;
  readonly all_reduce_fit: ReduceFit;
}

const SETS = fits as unknown as Readonly<Record<string, FitSet>>;

/** Where no kernel of a GPU was measured: the one whose kernels are closest, by architecture. */
const MEASURED_KIN: Readonly<Record<string, string>> = {
  sm90: 'h200-sxm',
  sm100: 'b200-sxm',
  sm103: 'b200-sxm',
  sm120: 'b200-sxm',
};

const OLDER = 'h100-sxm';

/** What is no GPU has no waves of blocks, and nothing in common with the fits of one. */
const PLAIN_ARCHITECTURES: ReadonlySet<string> = new Set(['x86-amx']);

/** Whether a device computes as a CPU does: no waves of blocks, and no kernels that a host starts. */
export function isPlain({ architecture }: Gpu): boolean {
  return PLAIN_ARCHITECTURES.has(architecture);
}

/** How the kernel times of a GPU and engine were obtained. */
export interface KernelFits {
  /** `fitted`: to measurements of that GPU; `spec-scaled`: of another, by the data sheets. */
  readonly provenance: 'fitted' | 'spec-scaled';
  /** The GPU that was measured. */
  readonly measuredOn: string;
  /** Whether products of matrices stored so were measured, and not only those of a kin. */
  measures(quantization: Quantization): boolean;
  gemm(quantization: Quantization): GemmFit;
  context(kv: KvFormat): ContextAttentionFit;
  generation(kv: KvFormat): GenerationAttentionFit;
  reduceCurve(group: number): ReduceCurve | undefined;
  readonly reduceFit: ReduceFit;
}

/** SGLang's kernels are those of FlashInfer and CUTLASS, as vLLM's; nobody measured them apart. */
function setName(gpu: string, engine: EngineName): string {
  return `${gpu}/${engine === 'trtllm' ? 'trtllm' : 'vllm'}`;
}

/** Under which name products of matrices stored so were measured, where they were. */
const MEASURED_AS: Partial<Readonly<Record<Quantization, string>>> = {
  bf16: 'bfloat16',
  fp8: 'fp8',
  fp8_static: 'fp8',
  fp8_block: 'fp8_block',
  nvfp4: 'nvfp4',
};

/** Which fitted products stand for a way of storing matrices. */
const GEMM_KIN: Readonly<Record<Quantization, readonly string[]>> = {
  bf16: ['bfloat16'],
  fp8: ['fp8'],
  fp8_static: ['fp8'],
  fp8_block: ['fp8_block', 'fp8'],
  int8: ['fp8'],
  int4: ['bfloat16'],
  nvfp4: ['nvfp4', 'fp8'],
  mxfp4: ['bfloat16'],
};

/** A serving engine captures its decode steps: the host-bound floor of block scaling is not paid. */
const MOST_FLOOR_MS = 0.02;

/** The fits for a GPU under an engine; of the closest kin where that GPU was not measured. */
export function kernelFits(gpu: Gpu, engine: EngineName): KernelFits {
  if (isPlain(gpu)) return PLAIN_FITS;
  const own = SETS[setName(gpu.name, engine)];
  const kin = MEASURED_KIN[gpu.architecture] ?? OLDER;
  const set = own ?? SETS[setName(kin, engine)]!;
  return {
    provenance: own === undefined ? 'spec-scaled' : 'fitted',
    measuredOn: own === undefined ? kin : gpu.name,
    reduceFit: set.all_reduce_fit,
    reduceCurve: (group) => (own === undefined ? undefined : set.all_reduce[group]),
    context: (kv) => set.ctx[kv === 'fp8' ? 'bfloat16-fp8' : 'bfloat16-bfloat16']!,
    generation: (kv) => set.gen[kv === 'fp8' ? 'bfloat16-fp8' : 'bfloat16-bfloat16']!,
    measures: (quantization) => own?.gemm[MEASURED_AS[quantization] ?? ''] !== undefined,
    gemm: (quantization) => reaching(gpu, gemmFit(set, quantization, engine)),
  };
}

/**
 * A core that loads and computes in turn, at 70 % of the peak operations and 80 % of the bandwidth.
 * What that misses is for a calibration to find.
 */
const PLAIN_FITS: KernelFits = {
  provenance: 'spec-scaled',
  measuredOn: 'no device of its kind',
  reduceFit: [0.01, 0, 0.5, 1, 0.5, 1],
  reduceCurve: () => undefined,
  measures: () => false,
  gemm: () => ({ c: [0.7, 0.8, 0, 0], inTurn: true }),
  context: () => ({ c: [0.7, 0.8, 0, 1, 0, 0, 0] }),
  generation: () => ({ c: [0.8, 0, 0, 1, 0.7, 0, 0, 1] }),
};

/** Memory of older chips is read at a lower share of what the data sheet says. */
const OLDER_MEMORY_SHARE: Readonly<Record<string, number>> = { sm80: 0.82 };

function reaching({ architecture }: Gpu, fit: GemmFit): GemmFit {
  const share = OLDER_MEMORY_SHARE[architecture];
  if (share === undefined) return fit;
  const [computeShare, memoryShare, ...rest] = fit.c as [number, number, number, number];
  return { ...fit, c: [computeShare, memoryShare * share, ...rest] };
}

/** What starting a product costs whose activations the kernel before it has quantised. */
const FUSED_FLOOR_MS = 0.0025;

/**
 * Whether no kernel of its own quantises the activations: their scale is in the checkpoint, or the
 * engine does it with the norm before, as TensorRT-LLM does for NVFP4.
 */
function quantisesOnTheWay(quantization: Quantization, engine: EngineName): boolean {
  return quantization === 'fp8_static' || (quantization === 'nvfp4' && engine === 'trtllm');
}

function gemmFit(set: FitSet, quantization: Quantization, engine: EngineName): GemmFit {
  const name = GEMM_KIN[quantization].find((kin) => set.gemm[kin] !== undefined)!;
  const fit = set.gemm[name]!;
  const [computeShare, memoryShare, floorMs, quantiseBytes] = fit.c as [
    number,
    number,
    number,
    number,
  ];
  if (quantisesOnTheWay(quantization, engine)) {
    return { ...fit, c: [computeShare, memoryShare, Math.min(floorMs, FUSED_FLOOR_MS), 0] };
  }
  if (floorMs <= MOST_FLOOR_MS) return fit;
  // The residuals stand around the high floor and mean nothing without it.
  return { c: [computeShare, memoryShare, MOST_FLOOR_MS, quantiseBytes] };
}
