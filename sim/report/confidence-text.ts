import type { AttentionShape, Confidence, Extent } from '#core/perf/pass/confidence.ts';
import { formatCount } from './format.ts';

const EXTENT_TEXTS: Readonly<Record<keyof Extent | keyof AttentionShape, string>> = {
  prefill_tokens: 'prompt tokens a pass',
  decode_requests: 'requests a pass',
  context_tokens: 'tokens of context a pass',
  request_tokens: 'tokens a request',
  heads_per_kv_head: 'query heads a KV head',
  head_dim: 'dimensions a head',
};

/**
 * `fitted (kernels measured on h100-sxm); typical error 8 % of TPOT, 22 % of TTFT`, and what it lacks.
 */
export function confidenceText({ provenance, band, outside_range = [] }: Confidence): string {
  const { kind, kernels, calibrated_on } = provenance;
  const ofTtft = band.ttft_percent === undefined ? '' : `, ${band.ttft_percent} % of TTFT`;
  const parts = [
    `${kind} (kernels measured on ${kernels})`,
    `typical error ${band.tpot_percent} % of TPOT${ofTtft}`,
  ];
  if (calibrated_on !== undefined) {
    const names = Object.entries(calibrated_on)
      .sort()
      .map(([key, value]) => `${key} ${value}`);
    parts.push(`the calibration is of ${names.join(', ')}`);
  }
  const beyond = outside_range.map(
    ({ of, flown, measured }) =>
      `${formatCount(flown)} ${EXTENT_TEXTS[of]} (${formatCount(measured)})`,
  );
  if (beyond.length > 0) parts.push(`beyond what was measured: ${beyond.join(', ')}`);
  return parts.join('; ');
}
