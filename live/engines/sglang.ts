import { randomInt } from 'node:crypto';
import { editObject, type JsonEdits } from '#live/bytes/splice.ts';
import type { EngineAdapter, EngineHints, HandOff, LegPair, Rendezvous } from './adapter.ts';
import type { EngineSettings } from './engine-settings.ts';

/** Rooms stay within what every JSON parser on the way reads exactly. */
const ROOMS = 2 ** 47;

function rendezvous({ prefill, batch }: LegPair): Rendezvous {
  const each = (value: () => string): string =>
    batch === undefined ? value() : `[${Array.from({ length: batch }, value).join(',')}]`;
  const host = new URL(prefill.url).hostname;
  return {
    bootstrap_host: each(() => JSON.stringify(host)),
    bootstrap_port: each(() => String(prefill.settings.bootstrapPort)),
    bootstrap_room: each(() => String(randomInt(ROOMS))),
    ...(prefill.dpSize > 1 && { disagg_prefill_dp_rank: String(prefill.rank) }),
  };
}

/**
 * SGLang's hand-off: both engines get the same request at once and meet in a room that the router
 * makes up. The prefill engine pushes, and its answer is read to the end and thrown away; hanging up
 * on it would abort the transfer.
 */
const handOff: HandOff = {
  order: 'together',
  rendezvous,
  prefillBody: editObject,
  decodeBody: editObject,
};

function hintEdits({ priority, cacheSalt }: EngineHints, settings: EngineSettings): JsonEdits {
  return {
    ...(cacheSalt !== undefined && { cache_salt: JSON.stringify(cacheSalt) }),
    ...(priority !== undefined && settings.priorityScheduling && { priority: String(priority) }),
  };
}

/** SGLang: OpenAI's API with bootstrap rooms; the names of 0.5.x. */
export const sglang: EngineAdapter = {
  backend: 'sglang',
  rankHeader: 'x-data-parallel-rank',
  hintEdits,
  handOff,
  tellsTokenIds: false,
  metrics: {
    path: '/metrics',
    names: {
      running: ['sglang:num_running_reqs'],
      waiting: ['sglang:num_queue_reqs'],
      kvUsage: ['sglang:token_usage'],
      capacity: { info: 'sglang:cache_config_info', blockSize: 'page_size', blocks: 'num_pages' },
      rankLabel: 'dp_rank',
    },
  },
};
