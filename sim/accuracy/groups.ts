import type { MeasuredRow } from '../estimate/measured/measured-row.ts';

/** `H100-SXM-80GB`, `h100-sxm` and `H100 (80 GB)` → `H100`: what is left out of a fit at once. */
export function gpuClassOf({ gpu }: MeasuredRow): string {
  return /^[a-z]*\d+[a-z]?/i.exec(gpu.replace(/^nvidia[- ]/i, ''))?.[0].toUpperCase() ?? gpu;
}

/** `meta-llama/Llama-3.1-8B` and `Meta-Llama-3-70B` → `llama`; `Qwen/Qwen3-32B` → `qwen`. */
export function modelFamilyOf({ model }: MeasuredRow): string {
  const name = model.slice(model.lastIndexOf('/') + 1).replace(/^meta-/i, '');
  return /^[a-z]+/i.exec(name)?.[0].toLowerCase() ?? name;
}

/** Engine and version, as far as the row says. */
export function engineOf({ engine, engine_version }: MeasuredRow): string {
  return engine_version == null ? engine : `${engine} ${engine_version}`;
}
