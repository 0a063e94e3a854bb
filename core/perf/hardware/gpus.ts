import type { Gpu } from './gpu.ts';

const GIB = 2 ** 30;

/** Columns: memory GiB, GB/s, bf16, fp8, int8, fp4 TFLOP/s (0 = none), SMs, link GB/s, NIC GB/s. */
type Rates = readonly [number, number, number, number, number, number, number, number, number];

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly architecture: string;
  readonly rates: Rates;
  readonly gpusPerNode?: number;
  readonly usdPerHour: number;
  readonly idleW: number;
  readonly peakW: number;
  readonly source: string;
}

function gpu({ rates, gpusPerNode = 8, ...rest }: Entry): Gpu {
  const [gib, gbPerS, bf16, fp8, int8, fp4, processors, linkGbPerS, nicGbPerS] = rates;
  return {
    ...rest,
    memoryBytes: gib * GIB,
    memoryBytesPerS: gbPerS * 1e9,
    flopsPerS: {
      bf16: bf16 * 1e12,
      ...(fp8 > 0 && { fp8: fp8 * 1e12 }),
      ...(int8 > 0 && { int8: int8 * 1e12 }),
      ...(fp4 > 0 && { fp4: fp4 * 1e12 }),
    },
    processors,
    linkBytesPerS: linkGbPerS * 1e9,
    nicBytesPerS: nicGbPerS * 1e9,
    gpusPerNode,
  };
}

/**
 * Accelerators by name. Rates are the data sheets' dense figures; memory is what a driver reports, and
 * with the bandwidths of Blackwell as AIConfigurator's descriptions of systems have it, where a sheet
 * rounds (reference aiconfigurator.md §5.1); a link is NVLink or PCIe, a NIC that of the maker's own
 * server of that generation; prices are typical on-demand list
 * prices of 2026 and only rank configurations; idle power is what a GPU with weights loaded and
 * nothing to do was reported to draw.
 */
export const GPUS: readonly Gpu[] = [
  gpu({
    name: 'a100-sxm',
    title: 'NVIDIA A100 SXM 80 GB',
    architecture: 'sm80',
    rates: [80, 2039, 312, 0, 624, 0, 108, 300, 25],
    usdPerHour: 1.8,
    idleW: 80,
    peakW: 400,
    source: 'NVIDIA A100 Tensor Core GPU data sheet',
  }),
  gpu({
    name: 'a100-pcie',
    title: 'NVIDIA A100 PCIe 80 GB',
    architecture: 'sm80',
    rates: [80, 1935, 312, 0, 624, 0, 108, 32, 25],
    usdPerHour: 1.5,
    idleW: 60,
    peakW: 300,
    source: 'NVIDIA A100 Tensor Core GPU data sheet',
  }),
  gpu({
    name: 'h100-sxm',
    title: 'NVIDIA H100 SXM 80 GB',
    architecture: 'sm90',
    rates: [80, 3350, 989, 1978, 1978, 0, 132, 450, 50],
    usdPerHour: 2.9,
    idleW: 115,
    peakW: 700,
    source: 'NVIDIA H100 Tensor Core GPU data sheet',
  }),
  gpu({
    name: 'h100-pcie',
    title: 'NVIDIA H100 PCIe 80 GB',
    architecture: 'sm90',
    rates: [80, 2000, 756.5, 1513, 1513, 0, 114, 64, 50],
    usdPerHour: 2.2,
    idleW: 70,
    peakW: 350,
    source: 'NVIDIA H100 PCIe GPU product brief',
  }),
  gpu({
    name: 'h200-sxm',
    title: 'NVIDIA H200 SXM 141 GB',
    architecture: 'sm90',
    rates: [141, 4800, 989, 1978, 1978, 0, 132, 450, 50],
    usdPerHour: 3.7,
    idleW: 120,
    peakW: 700,
    source: 'NVIDIA H200 Tensor Core GPU data sheet',
  }),
  gpu({
    name: 'h20-sxm',
    title: 'NVIDIA H20 SXM 96 GB',
    architecture: 'sm90',
    rates: [96, 4000, 148, 296, 296, 0, 78, 450, 50],
    usdPerHour: 1.6,
    idleW: 90,
    peakW: 400,
    source: 'NVIDIA HGX H20, as server makers list it; NVIDIA publishes no data sheet',
  }),
  gpu({
    name: 'b200-sxm',
    title: 'NVIDIA B200 SXM 180 GB',
    architecture: 'sm100',
    rates: [180, 7700, 2250, 4500, 4500, 9000, 148, 900, 100],
    usdPerHour: 5.5,
    idleW: 180,
    peakW: 1000,
    source: 'NVIDIA Blackwell data sheet, HGX B200',
  }),
  gpu({
    name: 'b300-sxm',
    title: 'NVIDIA B300 SXM 288 GB',
    architecture: 'sm103',
    rates: [268.6, 7750, 2250, 4500, 153.5, 14000, 148, 900, 100],
    usdPerHour: 6.5,
    idleW: 200,
    peakW: 1100,
    source: 'NVIDIA Blackwell Ultra data sheet, HGX B300',
  }),
  gpu({
    name: 'gb200',
    title: 'NVIDIA GB200 NVL72, one GPU',
    architecture: 'sm100',
    rates: [185, 8000, 2500, 5000, 5000, 10000, 152, 900, 100],
    gpusPerNode: 72,
    usdPerHour: 7,
    idleW: 200,
    peakW: 1200,
    source: 'NVIDIA GB200 NVL72 data sheet',
  }),
  gpu({
    name: 'gb300',
    title: 'NVIDIA GB300 NVL72, one GPU',
    architecture: 'sm103',
    rates: [277.5, 8000, 2500, 5000, 165, 15000, 152, 900, 100],
    gpusPerNode: 72,
    usdPerHour: 8,
    idleW: 220,
    peakW: 1400,
    source: 'NVIDIA GB300 NVL72 data sheet',
  }),
  gpu({
    name: 'l4',
    title: 'NVIDIA L4 24 GB',
    architecture: 'sm89',
    rates: [24, 300, 121, 242, 242, 0, 58, 32, 25],
    usdPerHour: 0.7,
    idleW: 16,
    peakW: 72,
    source: 'NVIDIA L4 Tensor Core GPU data sheet',
  }),
  gpu({
    name: 'l40s',
    title: 'NVIDIA L40S 48 GB',
    architecture: 'sm89',
    rates: [45, 864, 362, 733, 733, 0, 142, 32, 50],
    usdPerHour: 1.1,
    idleW: 40,
    peakW: 350,
    source: 'NVIDIA L40S GPU data sheet',
  }),
  gpu({
    name: 'rtx-4090',
    title: 'NVIDIA GeForce RTX 4090 24 GB',
    architecture: 'sm89',
    rates: [24, 1008, 165.2, 330.3, 660.6, 0, 128, 32, 12.5],
    gpusPerNode: 4,
    usdPerHour: 0.4,
    idleW: 25,
    peakW: 450,
    source: 'NVIDIA Ada GPU architecture white paper, appendix A',
  }),
  gpu({
    name: 'rtx-5090',
    title: 'NVIDIA GeForce RTX 5090 32 GB',
    architecture: 'sm120',
    rates: [32, 1792, 209.5, 419, 838, 1676, 170, 64, 12.5],
    gpusPerNode: 4,
    usdPerHour: 0.7,
    idleW: 30,
    peakW: 575,
    source: 'NVIDIA RTX Blackwell GPU architecture white paper, appendix A',
  }),
  gpu({
    name: 'rtx-pro-6000',
    title: 'NVIDIA RTX PRO 6000 Blackwell Server Edition 96 GB',
    architecture: 'sm120',
    rates: [95.6, 1792, 467.8, 935.6, 935.6, 1871.2, 188, 64, 50],
    usdPerHour: 1.9,
    idleW: 35,
    peakW: 600,
    source: 'NVIDIA RTX PRO 6000 Blackwell Server Edition data sheet',
  }),
  gpu({
    name: 'mi300x',
    title: 'AMD Instinct MI300X 192 GB',
    architecture: 'gfx942',
    rates: [192, 5300, 1307.4, 2614.9, 2614.9, 0, 304, 448, 50],
    usdPerHour: 2.5,
    idleW: 140,
    peakW: 750,
    source: 'AMD Instinct MI300X accelerator data sheet',
  }),
  gpu({
    name: 'tpu-v5e',
    title: 'Google TPU v5e, one chip',
    architecture: 'v5e',
    rates: [16, 819, 197, 0, 394, 0, 1, 50, 25],
    usdPerHour: 1.2,
    idleW: 60,
    peakW: 200,
    source: 'Google Cloud TPU documentation, TPU v5e',
  }),
  gpu({
    name: 'tpu-v6e',
    title: 'Google TPU v6e (Trillium), one chip',
    architecture: 'v6e',
    rates: [32, 1640, 918, 0, 1836, 0, 2, 100, 25],
    usdPerHour: 2.7,
    idleW: 90,
    peakW: 350,
    source: 'Google Cloud TPU documentation, TPU v6e',
  }),
  gpu({
    name: 'xeon-amx-core',
    title: 'one core of an Intel Xeon with AMX',
    architecture: 'x86-amx',
    rates: [24, 15, 2, 0, 4, 0, 1, 10, 3],
    gpusPerNode: 32,
    usdPerHour: 0.05,
    idleW: 3,
    peakW: 8,
    source: 'Intel AMX: 1,024 bf16 operations a cycle and core at 2 GHz; a 64th of eight channels',
  }),
];
