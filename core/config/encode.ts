import { z } from 'zod';
import { count, describe, duration } from './describe.ts';

/** How a worker turns images and the like into embeddings, and how many of those it keeps. */
export const encodeSchema = z
  .strictObject({
    ms_per_item: describe(duration(), {
      effect: 'Time that an item adds to the pass that encodes it.',
      unit: 'ms',
    }),
    base_ms: describe(duration().default(0), {
      effect: 'Time that a pass of the encoder takes besides, however many items it has.',
      unit: 'ms',
    }),
    batch_items: describe(count().default(1), {
      effect: 'Items that a pass of the encoder takes at most; all of them are there when it ends.',
      unit: 'items',
    }),
    cache_items: describe(count(0).default(1024), {
      effect:
        'Embeddings that a worker keeps, by the content of their items; the one that nobody has used for longest goes first.',
      unit: 'items',
      source: 'vLLM encoder cache, Dynamo embedding cache',
    }),
    bytes_per_item: describe(z.number().positive().max(1e12).exactOptional(), {
      effect:
        'Embeddings of one item, which are sent on to whoever computes the prompt at kv_transfer.bandwidth_gb_s: tokens of the item × hidden size × bytes of an element.',
      unit: 'bytes',
      whenAbsent: 'embeddings are there when their items are encoded',
    }),
  })
  .meta({ description: 'How workers turn images and the like into embeddings.' });
