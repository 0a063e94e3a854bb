import { openStream, type RandomStream } from '#core/base/random.ts';

/** What happens to an engine, or to the NATS server. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly engine: number;
  /** What an engine is told at `/admin/fault`; for NATS how long it is down, `down_ms`. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type FaultKind =
  | 'engine killed'
  | 'events lost'
  | 'engine slow'
  | 'engine hangs'
  | 'engine mute'
  | 'streams broken'
  | 'requests refused'
  | 'NATS restarted';

/** How long an engine is out of order, and how long until the router surely has it back, ms. */
const HURT_MS = 1_200;
const RECOVERY_MS = 1_500;

interface Draft {
  readonly kind: FaultKind;
  readonly weight: number;
  /** Requests cannot be answered there: only one engine at a time may be so. */
  readonly hurts: boolean;
  readonly body: (stream: RandomStream) => Fault['body'];
}

const DRAFTS: readonly Draft[] = [
  {
    kind: 'engine killed',
    weight: 6,
    hurts: true,
    body: (stream) => ({ crash: true, restart_after_ms: 200 + stream.nextBelow(1_000) }),
  },
  {
    kind: 'events lost',
    weight: 4,
    hurts: false,
    body: (stream) => ({ drop_events: 1 + stream.nextBelow(20) }),
  },
  {
    kind: 'engine slow',
    weight: 2,
    hurts: false,
    body: (stream) => ({ slow: 2 + stream.nextBelow(8), for_ms: HURT_MS }),
  },
  { kind: 'engine hangs', weight: 2, hurts: true, body: () => ({ hang: true, for_ms: HURT_MS }) },
  { kind: 'engine mute', weight: 1, hurts: true, body: () => ({ mute: true, for_ms: HURT_MS }) },
  {
    kind: 'streams broken',
    weight: 2,
    hurts: true,
    body: (stream) => ({
      break_off: 0.5,
      break_after_tokens: stream.nextBelow(4),
      for_ms: HURT_MS,
    }),
  },
  {
    kind: 'requests refused',
    weight: 2,
    hurts: true,
    body: () => ({ refuse: 0.8, refuse_status: 503, for_ms: HURT_MS }),
  },
  {
    kind: 'NATS restarted',
    weight: 2,
    hurts: false,
    body: (stream) => ({ down_ms: 100 + stream.nextBelow(900) }),
  },
];

/**
 * Faults at random times of a soak, `count` in all, in the order of time. While one engine
 * is out of order others are only hit by what leaves them able to answer: no request has to be lost.
 */
export function planFaults(
  seed: number,
  count: number,
  durationMs: number,
  engines: number,
): readonly Fault[] {
  const stream = openStream(seed, 'soak/faults');
  const times = Array.from({ length: count }, () => stream.nextBelow(Math.ceil(durationMs))).sort(
    (a, b) => a - b,
  );
  let hurtUntilMs = 0;
  return times.map((atMs) => {
    const engine = stream.nextBelow(engines);
    const allowed = atMs < hurtUntilMs ? DRAFTS.filter(({ hurts }) => !hurts) : DRAFTS;
    const { kind, body, hurts } = drawn(allowed, stream);
    if (hurts) hurtUntilMs = atMs + HURT_MS + RECOVERY_MS;
    return { kind, atMs, engine, body: body(stream) };
  });
}

function drawn(drafts: readonly Draft[], stream: RandomStream): Draft {
  const tickets = drafts.flatMap((draft) => Array<Draft>(draft.weight).fill(draft));
  return tickets[stream.nextBelow(tickets.length)]!;
}
