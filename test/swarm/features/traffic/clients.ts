import type { TraceClient } from '#traces/client.ts';
import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';

/** As long as a pass, as a request, or as a queue. */
function spanMs(draw: Draw): number {
  return draw.between(1, draw.pick([5, 40, 300]));
}

const leaving: Feature = {
  name: 'clients that leave',
  lay(flight, draw) {
    flight.setAll('workload.cancellation', {
      ratio: draw.pick([0.1, 0.5, 1]),
      ...(draw.chance(0.5) ? { after_ms: spanMs(draw) } : { after_tokens: draw.between(1, 20) }),
      distribution: draw.pick(['constant', 'uniform', 'exponential']),
    });
  },
};

const timeouts: Feature = {
  name: 'clients that time out',
  lay(flight, draw) {
    const first = spanMs(draw);
    if (draw.chance(0.7)) flight.set('workload.client.ttft_timeout_ms', first);
    if (draw.chance(0.6)) flight.set('workload.client.timeout_ms', first + spanMs(draw));
    if (draw.chance(0.5)) flight.set('workload.client.failed_turn', 'end');
  },
};

const retries: Feature = {
  name: 'clients that try again',
  lay(flight, draw) {
    const base = draw.pick([0, 1, 20, 200]);
    flight.set('workload.client.max_attempts', draw.between(2, 5));
    flight.set('workload.client.retry_base_ms', base);
    if (draw.chance(0.3))
      flight.set('workload.client.retry_on', [draw.pick(['rejected', 'timed_out'])]);
    if (draw.chance(0.5)) flight.set('workload.client.retry_factor', draw.pick([1, 3]));
    if (draw.chance(0.3)) flight.set('workload.client.retry_max_ms', base + spanMs(draw));
    if (draw.chance(0.5)) flight.set('workload.client.retry_jitter_ratio', draw.pick([0, 1]));
  },
};

function wish(draw: Draw): TraceClient {
  const leaves = draw.pick([
    { cancelAfterMs: spanMs(draw) },
    { cancelAfterTokens: draw.between(1, 12) },
    {},
  ]);
  const waits = draw.pick([{ firstTokenTimeoutMs: spanMs(draw) }, { timeoutMs: spanMs(draw) }, {}]);
  return { ...leaves, ...waits };
}

const ownWishes: Feature = {
  name: 'clients with wishes of their own',
  lay(flight, draw) {
    const share = draw.pick([0.2, 1]);
    flight.mapRows((row) => (draw.chance(share) ? { ...row, client: wish(draw) } : row));
  },
};

const promptOnly: Feature = {
  name: 'embeddings and prompts without an answer',
  lay(flight, draw) {
    const tasks = ['embed', 'prefill_only'] as const;
    flight.mapRows((row) => {
      if (!draw.chance(0.3)) return row;
      return { ...row, output: 0, client: { ...row.client, task: draw.pick(tasks) } };
    });
  },
};

export const CLIENT_FEATURES: readonly Feature[] = [
  leaving,
  timeouts,
  retries,
  ownWishes,
  promptOnly,
];
