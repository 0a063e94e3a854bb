import type { FleetStatus } from '#live/discovery/fleet-status.ts';
import type { JournalFileStatus } from '#live/journal/journal-status.ts';
import type { ReplicasStatus } from '#live/replicas/replicas-status.ts';
import type { RankStatus, ServeStatus } from '#live/routing/serve-status.ts';
import type { ShadowStatus } from '#live/shadow/shadow-status.ts';
import { formatCount, formatRatio } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';
import { discoveryLines } from './discovery-lines.ts';
import { replicaLines } from './replica-lines.ts';
import { shadowLines } from './shadow-lines.ts';

/** What the front adds to the status of the router. */
export interface ShownStatus {
  readonly requests_under_way?: number;
  readonly discovery?: FleetStatus;
  readonly kv_events?: readonly FeedState[];
  /** Absent where none runs. */
  readonly shadow?: ShadowStatus;
  /** Other routers in front of the same engines, where there are any. */
  readonly replicas?: ReplicasStatus;
  /** Absent where none is kept. */
  readonly journal?: readonly JournalFileStatus[];
  readonly event_plane?: { readonly ranks: readonly FeedState[] };
}

/** How far what is known of a rank's KV cache can be trusted. */
interface FeedState {
  readonly name: string;
  readonly rank: number;
  readonly state: string;
}

/** A live router at a glance, as lines of text. */
export function statusLines(url: string, status: ServeStatus & ShownStatus): readonly string[] {
  const { books, mode, block_size, uptime_s, routed, refused, kv_events = [] } = status;
  const turnedAway = Object.entries(refused).map(([name, count]) => `${name} ${count}`);
  const waited = status.routed_after_waiting;
  return [
    `${url} · ${mode} · blocks of ${block_size} tokens · up ${uptimeText(uptime_s)}`,
    '',
    ...renderAligned({ header: HEADER, rows: rowsOf(status) }),
    '',
    `requests   ${formatCount(books.requests)} under way, ${formatCount(books.queued)} of them wait in the router`,
    `routed     ${formatCount(routed)}, ${formatCount(waited)} of them after waiting`,
    `refused    ${turnedAway.length === 0 ? 'none' : turnedAway.join(', ')}`,
    `hit rate   ${hitRateText(status)}`,
    `books      ${formatCount(books.forest_nodes)} blocks known, ${formatCount(books.sessions)} sessions`,
    ...(status.journal ?? []).map(journalLine),
    ...(status.discovery === undefined ? [] : discoveryLines(status.discovery)),
    ...(status.shadow === undefined ? [] : shadowLines(status.shadow)),
    ...(status.replicas === undefined ? [] : replicaLines(status.replicas)),
    ...(kv_events.some(({ state }) => state === 'unverified') ? UNVERIFIED : []),
  ];
}

/** A rate needs blocks: prompts below one block have none that a cache could serve. */
function hitRateText({ hit_rate, routed, block_size }: ServeStatus): string {
  if (hit_rate !== null) return `${formatRatio(hit_rate)} of prompt blocks`;
  if (routed === 0) return 'nothing routed yet';
  return `no full blocks yet: every prompt was below ${formatCount(block_size)} tokens`;
}

function journalLine({ file, written_bytes, waiting_bytes, fault }: JournalFileStatus): string {
  if (fault !== null) return `journal    has ended at ${file}: ${fault}`;
  return `journal    ${file}, ${formatCount(written_bytes)} bytes written, ${formatCount(waiting_bytes)} wait`;
}

const UNVERIFIED = [
  '',
  'unverified: no KV event is known to be missing, but the engine has no replay socket (kv_replay)',
  'that answers and confirms it.',
];

const HEADER = [
  'engine',
  'rank',
  'role',
  'from',
  'state',
  'requests',
  'prefill tok',
  'blocks',
  'cached',
  'KV events',
];

function rowsOf({
  engines,
  kv_events = [],
  event_plane,
  discovery,
}: ServeStatus & ShownStatus): string[][] {
  return engines.flatMap(({ name, role, ranks }) => {
    const kept = discovery?.engines.find((one) => one.name === name);
    return ranks.map((rank) => {
      const isIts = (one: FeedState): boolean => one.name === name && one.rank === rank.rank;
      const feed = kv_events.find(isIts) ?? event_plane?.ranks.find(isIts);
      const state = kept?.state === 'leaving' ? 'leaving' : rank.available ? 'up' : 'away';
      const place = [name, String(rank.rank), role, kept?.origin ?? '–', state];
      return [...place, ...numbersOf(rank), feed?.state ?? '–'];
    });
  });
}

function numbersOf(rank: RankStatus): string[] {
  const counts = [
    rank.active_requests,
    rank.prefill_tokens,
    rank.active_blocks,
    rank.cached_blocks,
  ];
  return counts.map((count) => formatCount(count));
}

function uptimeText(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
