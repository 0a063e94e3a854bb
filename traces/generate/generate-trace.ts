import { BlockIds } from './block-ids.ts';
import { type Session, SessionSource, type Turn } from './session-source.ts';
import type { Tenant } from './tenants.ts';

export interface GenerateOptions {
  readonly tenants: readonly Tenant[];
  readonly requests: number;
  /** Requests/s over all tenants, once sessions have built up. */
  readonly requestRate: number;
  /** Gamma shape of the gaps between sessions: 1 = Poisson, smaller = burstier. */
  readonly burstiness: number;
  readonly seed: number;
  readonly traceBlockSize: number;
}

interface TimedTurn {
  readonly session: Session;
  readonly turn: Turn;
  readonly index: number;
}

/**
 * Makes a trace and yields it as lines of Mooncake JSONL, each with its line end: what arrives in
 * the time that it takes until `requests` requests have arrived. The same options give the same
 * bytes. Sessions that are still going on at the end are cut.
 */
export function* generateTrace(options: GenerateOptions): Generator<string> {
  const ids = new BlockIds(options.traceBlockSize);
  const named = options.tenants.length > 1;
  for (const { session, turn, index } of turnsInOrder(options)) {
    yield formatRow(session, turn, ids.of(session, turn.inputTokens), named);
    if (index === session.turns.length - 1) ids.forget(session);
  }
}

/** The turns of all sessions by time, the first `requests` of them. */
function turnsInOrder(options: GenerateOptions): TimedTurn[] {
  const { tenants, requests, requestRate, burstiness, seed } = options;
  const shares = tenants.reduce((sum, tenant) => sum + tenant.share, 0);
  const sources = tenants.map((tenant) => {
    const rate = (requestRate * tenant.share) / shares;
    return new SessionSource(tenant, rate, burstiness, seed);
  });
  const turns: TimedTurn[] = [];
  let wanted = requests;
  for (;;) {
    const source = earliest(sources);
    if (turns.length >= wanted) {
      // What arrives before the next session is known; is that enough?
      const known = turns.filter(({ turn }) => turn.timeMs <= source.nextMs).length;
      if (known >= requests) break;
      wanted = turns.length + (requests - known);
    }
    const session = source.next();
    for (const [index, turn] of session.turns.entries()) turns.push({ session, turn, index });
  }
  // The sort is stable: turns of one millisecond keep the order in which sessions arrived.
  turns.sort((a, b) => a.turn.timeMs - b.turn.timeMs);
  return turns.slice(0, requests);
}

function earliest(sources: readonly SessionSource[]): SessionSource {
  return sources.reduce((best, source) => (source.nextMs < best.nextMs ? source : best));
}

/** A trace of one tenant names none: there is nobody to tell it from. */
function formatRow(
  session: Session,
  turn: Turn,
  hashIds: readonly number[],
  named: boolean,
): string {
  const single = session.tenant.meanTurns === 1;
  const row = {
    timestamp: turn.timeMs,
    ...(single ? {} : { session_id: session.name }),
    ...(named ? { tenant: session.tenant.name } : {}),
    ...(turn.delayMs === undefined ? {} : { delay: turn.delayMs }),
    input_length: turn.inputTokens,
    output_length: turn.outputTokens,
    hash_ids: hashIds,
  };
  return `${JSON.stringify(row)}\n`;
}
