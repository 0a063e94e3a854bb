import type { Metric } from './metric.ts';

/** What became of the KV events of a run in which some get lost or arrive twice. */
export const KV_EVENT_METRICS: readonly Metric[] = [
  {
    key: 'summary.kv_events.lost',
    name: 'lost KV events',
    aliases: ['kv_events', 'kv_events_lost', 'event_loss'],
    unit: 'events',
    definition:
      'KV events that never reached the router. A lost eviction leaves it believing in blocks that are gone, a lost store unaware of blocks that are there. Absent where all events arrive.',
    formula: 'a draw for each event against router.kv_event_loss_ratio, under the seed',
    confusedWith: 'Events that are late, which router.kv_event_lag_ms makes of them.',
  },
  {
    key: 'summary.kv_events.duplicated',
    name: 'repeated KV events',
    aliases: ['kv_events_duplicated', 'duplicate_events'],
    unit: 'events',
    definition: 'KV events that reached the router twice, which changes no decision.',
    formula: 'a draw for each event against router.kv_event_duplicate_ratio, under the seed',
  },
  {
    key: 'summary.kv_events.orphaned',
    name: 'orphaned KV events',
    aliases: ['kv_events_orphaned', 'parent_not_found'],
    unit: 'events',
    definition:
      'Stores that arrived and were skipped, since the router did not know the block before: an earlier store was lost.',
    formula: 'stores whose parent block the router does not hold for that worker',
    confusedWith: 'Lost events; an orphaned one arrived.',
  },
  {
    key: 'summary.kv_events.published',
    name: 'published KV events',
    aliases: ['kv_events_published'],
    unit: 'events',
    definition:
      'KV events that workers sent: runs of blocks of one prompt, stored or evicted in one pass, which is coarser than the single blocks that engines list.',
    formula: 'changes of the prefix caches, neighbours of one kind in a pass as one',
  },
];
