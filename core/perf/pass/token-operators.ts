import { AllReduceTime } from '../kernels/all-reduce.ts';
import { elementWiseMs } from '../kernels/element-wise.ts';
import { ExpertsTime } from '../kernels/experts.ts';
import { GemmTime } from '../kernels/gemm.ts';
import type { KernelFits } from '../kernels/kernel-fits.ts';
import type { Deployment } from './deployment.ts';

/** One kind of kernel in a pass: its time for so many tokens, once, and how often it runs. */
export interface TokenOperator {
  readonly name: string;
  readonly group: 'gemm' | 'moe' | 'communication' | 'other';
  readonly count: number;
  /** It computes the tokens of all ranks together, and each rank waits for it. */
  readonly ofAllRanks?: true;
  ms(tokens: number): number;
}

interface Parts {
  readonly deployment: Deployment;
  readonly gemm: GemmTime;
  readonly bf16: GemmTime;
  readonly reduce: AllReduceTime;
}

const gated = (isGated: boolean): number => (isGated ? 2 : 1);

/** Operators of a pass whose time depends only on how many tokens are computed, all stages together. */
export function tokenOperators(deployment: Deployment, fits: KernelFits): TokenOperator[] {
  const { gpu, quantization, tensorParallel } = deployment;
  const parts: Parts = {
    deployment,
    gemm: new GemmTime(gpu, quantization, fits.gemm(quantization)),
    bf16: new GemmTime(gpu, 'bf16', fits.gemm('bf16')),
    reduce: new AllReduceTime(
      gpu,
      tensorParallel,
      fits.reduceFit,
      fits.reduceCurve(tensorParallel),
    ),
  };
  return [
    ...attentionProjections(parts),
    ...besideAttention(parts),
    ...blockQuantisation(parts),
    ...denseLayers(parts),
    ...expertLayers(parts, fits),
    ...aroundLayers(parts),
  ];
}

function attentionProjections({ deployment, gemm: quantized, bf16 }: Parts): TokenOperator[] {
  const { model, tensorParallel: tp } = deployment;
  const gemm = model.keepsAttention ? bf16 : quantized;
  const { attention, hidden, layers } = model;
  const product = (name: string, n: number, k: number): TokenOperator => ({
    name,
    group: 'gemm',
    count: layers,
    ms: (tokens) => gemm.ms(tokens, n, k),
  });
  if (attention.kind === 'gqa') {
    const queries = (attention.heads * attention.headDim) / tp;
    const pairs = 2 * Math.ceil(attention.kvHeads / tp) * attention.headDim;
    return [product('qkv', queries + pairs, hidden), product('attention out', hidden, queries)];
  }
  const { heads, queryRank, kvRank, ropeDim, keyDim, valueDim } = attention;
  const own = heads / tp;
  const queries = own * (keyDim + ropeDim);
  const down = kvRank + ropeDim + (queryRank === 0 ? queries : queryRank);
  return [
    product('latent down', down, hidden),
    ...(queryRank === 0 ? [] : [product('query up', queries, queryRank)]),
    product('key and value up', own * (keyDim + valueDim), kvRank),
    product('attention out', hidden, own * valueDim),
  ];
}

/**
 * What reads and writes queries and keys between projection and attention: their norms, where the
 * model has them, rotation, and the write into the cache. TensorRT-LLM rotates and writes within its
 * attention, and normalises queries and keys with one kernel; SGLang normalises both at a time.
 */
function besideAttention({ deployment }: Parts): TokenOperator[] {
  const { gpu, model, engine, tensorParallel: tp } = deployment;
  const { attention, layers } = model;
  if (attention.kind !== 'gqa') return [];
  const keys = Math.ceil(attention.kvHeads / tp) * attention.headDim;
  const width = (attention.heads / tp) * attention.headDim + keys;
  const kernel = (name: string, kernels: number, elements: number): TokenOperator => ({
    name,
    group: 'other',
    count: kernels * layers,
    ms: (m) => elementWiseMs(gpu, 4 * m * elements),
  });
  const operators: TokenOperator[] = [];
  if (attention.normalisesHeads) {
    const kernels = engine === 'vllm' ? 2 : 1;
    operators.push(kernel('query and key norms', kernels, width / kernels));
  }
  if (engine !== 'trtllm') {
    operators.push(kernel('rotation', 1, width), kernel('cache write', 1, 2 * keys));
  }
  return operators;
}

/**
 * TensorRT-LLM quantises the activations of block-scaled products with a kernel of its own before
 * each of them: it reads elements of two bytes and writes one.
 */
function blockQuantisation({ deployment }: Parts): TokenOperator[] {
  const { gpu, model, engine, quantization, tensorParallel: tp } = deployment;
  const { attention, experts, hidden, intermediate, layers } = model;
  if (quantization !== 'fp8_block' || engine !== 'trtllm') return [];
  const kernel = (name: string, count: number, width: number): TokenOperator => ({
    name,
    group: 'other',
    count,
    ms: (m) => elementWiseMs(gpu, 3 * m * width),
  });
  const queries =
    attention.heads * (attention.kind === 'gqa' ? attention.headDim : attention.valueDim);
  const dense = layers - (experts?.layers ?? 0);
  return [
    kernel('quantise hidden', layers + dense, hidden),
    kernel('quantise attention', layers, queries / tp),
    ...(dense > 0 ? [kernel('quantise intermediate', dense, intermediate / tp)] : []),
  ];
}

function denseLayers({ deployment, gemm }: Parts): TokenOperator[] {
  const { gpu, model, tensorParallel: tp } = deployment;
  const layers = model.layers - (model.experts?.layers ?? 0);
  if (layers === 0) return [];
  const width = model.intermediate / tp;
  const up = gated(model.gated) * width;
  return [
    { name: 'up', group: 'gemm', count: layers, ms: (m) => gemm.ms(m, up, model.hidden) },
    {
      name: 'activation',
      group: 'other',
      count: layers,
      ms: (m) => elementWiseMs(gpu, 2 * m * (up + width)),
    },
    { name: 'down', group: 'gemm', count: layers, ms: (m) => gemm.ms(m, model.hidden, width) },
  ];
}

function expertLayers({ deployment, gemm, bf16 }: Parts, fits: KernelFits): TokenOperator[] {
  const { gpu, model, tensorParallel, dataParallel, expertParallel, quantization } = deployment;
  const { expertImbalance: imbalance = 1 } = deployment;
  const { experts, hidden } = model;
  if (experts === undefined) return [];
  const group = tensorParallel * dataParallel;
  const placement = { tensorParallel: group / expertParallel, expertParallel, imbalance };
  const routed = new ExpertsTime(gpu, quantization, experts, hidden, placement);
  const count = experts.layers;
  const operators: TokenOperator[] = [
    { name: 'router', group: 'gemm', count, ms: (m) => bf16.ms(m, experts.count, hidden) },
    { name: 'experts', group: 'moe', count, ofAllRanks: true, ms: (all) => routed.ms(all) },
  ];
  const shared = experts.sharedIntermediate / tensorParallel;
  if (shared > 0) {
    operators.push({
      name: 'shared experts',
      group: 'moe',
      count,
      ms: (m) => gemm.ms(m, 2 * shared, hidden) + gemm.ms(m, hidden, shared),
    });
  }
  if (dataParallel > 1) {
    // Tokens of all ranks are gathered before the experts and their results scattered after them.
    const exchange = new AllReduceTime(gpu, group, fits.reduceFit, fits.reduceCurve(group));
    operators.push({
      name: 'expert exchange',
      group: 'communication',
      count,
      ofAllRanks: true,
      ms: (all) => exchange.ms(all * hidden),
    });
  }
  return operators;
}

function aroundLayers({ deployment, reduce }: Parts): TokenOperator[] {
  const { gpu, model, tensorParallel, pipelineParallel, dataParallel } = deployment;
  const { hidden, layers, experts } = model;
  const operators: TokenOperator[] = [
    { name: 'embedding', group: 'other', count: 1, ms: (m) => elementWiseMs(gpu, 2 * m * hidden) },
    {
      name: 'norms',
      group: 'other',
      count: (model.normalisesTwice ? 4 : 2) * layers,
      ms: (m) => elementWiseMs(gpu, 8 * m * hidden),
    },
  ];
  if (tensorParallel > 1) {
    // The exchange of several ranks sums the results of their experts, too.
    const exchanges = dataParallel > 1 ? (experts?.layers ?? 0) : 0;
    operators.push({
      name: 'all-reduce',
      group: 'communication',
      count: 2 * layers - exchanges,
      ms: (m) => reduce.ms(m * hidden),
    });
  }
  if (pipelineParallel > 1) {
    operators.push({
      name: 'to next stage',
      group: 'communication',
      count: pipelineParallel - 1,
      ms: (m) => STAGE_LATENCY_MS + (2 * m * hidden * 1000) / gpu.linkBytesPerS,
    });
  }
  return operators;
}

/** Before the first byte of activations reaches the next stage. */
const STAGE_LATENCY_MS = 0.01;
