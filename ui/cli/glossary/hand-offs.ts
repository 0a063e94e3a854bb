import type { Metric } from './metric.ts';

/** The way of a request from a prefill worker to a decode worker. */
export const HAND_OFF_METRICS: readonly Metric[] = [
  {
    key: 'summary.hand_offs',
    name: 'hand-offs',
    aliases: ['handoffs', 'disagg', 'disaggregation'],
    unit: 'requests',
    definition:
      'Completed requests whose prompt a prefill worker computed and whose tokens a decode worker generated, and the bytes of KV cache that went from one to the other.',
    formula:
      'requests with a hand-off; transfer_bytes = Σ moved tokens × kv_transfer.bytes_per_token',
  },
  {
    key: 'summary.hand_offs.prefill_queue_ms',
    name: 'prefill queue',
    aliases: [],
    unit: 'ms',
    definition:
      'How long a prompt waited for a prefill worker, in the router and in the worker, from when it was asked for.',
    formula: 'first admission to a prefill batch − arrival (destination_first: − reservation)',
  },
  {
    key: 'summary.hand_offs.prefill_ms',
    name: 'prefill',
    aliases: ['prefill_time'],
    unit: 'ms',
    definition: 'How long a prefill worker took for a prompt, all of its chunks.',
    formula: 'prompt computed − first admission to a prefill batch',
  },
  {
    key: 'summary.hand_offs.decode_queue_ms',
    name: 'decode queue',
    aliases: ['reservation'],
    unit: 'ms',
    definition: 'How long a request waited until a decode worker had set blocks aside for it.',
    formula: 'reservation − prompt computed (destination_first: − arrival)',
  },
  {
    key: 'summary.hand_offs.transfer_ms',
    name: 'transfer',
    aliases: ['kv_transfer'],
    unit: 'ms',
    definition: 'How long the KV cache was on its way to the decode worker.',
    formula: 'end of the transfer − its beginning',
  },
  {
    key: 'summary.hand_offs.activation_ms',
    name: 'activation',
    aliases: [],
    unit: 'ms',
    definition:
      'How long a request whose KV cache had arrived waited for the pass that its decode worker was in.',
    formula: 'first decode batch − end of the transfer',
  },
  {
    key: 'summary.hand_offs.source_held_ms',
    name: 'source held',
    aliases: ['source_held'],
    unit: 'ms',
    definition:
      'How long a computed prompt took up KV blocks of its prefill worker, where others might have needed them.',
    formula: 'source released − prompt computed',
  },
  {
    key: 'pools',
    name: 'pools',
    aliases: ['pool'],
    unit: 'one row a pool',
    definition:
      'What the workers of each pool did together: GPUs, GPU hours, busy share, tokens, KV blocks, preemptions.',
    formula: 'sums over the workers of the pool; peak_kv_blocks is of one worker',
  },
];
