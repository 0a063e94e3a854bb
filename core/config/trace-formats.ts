/** The formats that a trace file may have. */
export const TRACE_FORMATS = [
  'mooncake',
  'azure',
  'weka',
  'lmcache',
  'burstgpt',
  'aiperf',
  'vllm_bench',
  'mooncake_delta',
  'applied_compute_agentic',
  'dynamo',
  'agentic_mooncake',
  'windtunnel',
] as const;

export type TraceFormat = (typeof TRACE_FORMATS)[number];
