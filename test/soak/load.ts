import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { openStream, type RandomStream } from '#core/base/random.ts';

const BLOCK = 16;
const FAMILIES = 24;
const SHARED_BLOCKS = 20;
const OWN_BLOCKS = 8;
const OUTPUT_TOKENS_MAX = 12;
/** A client that leaves does so within this, which is before, in the midst of, or after its answer. */
const LEAVES_WITHIN_MS = 30;
/** No more than this are under way: a machine that does not keep up gets fewer a second. */
const OPEN_MAX = 1_000;

/** A request whose client stayed and that did not get its answer. */
export interface LostRequest {
  readonly number: number;
  readonly why: string;
}

export interface LoadTally {
  sent: number;
  whole: number;
  /** Clients who left before their answer was whole. */
  left: number;
  readonly lost: LostRequest[];
}

export interface LoadOptions {
  readonly url: string;
  readonly seed: number;
  readonly ratePerS: number;
  readonly durationMs: number;
  /** Clients that leave, of all. */
  readonly leavers: number;
}

/** Requests at a constant rate, some of whose clients leave. Resolves when all are over. */
export async function sendLoad(options: LoadOptions): Promise<LoadTally> {
  const { url, seed, ratePerS, durationMs, leavers } = options;
  const stream = openStream(seed, 'soak/load');
  const pool = new Pool(url, { connections: null });
  const tally: LoadTally = { sent: 0, whole: 0, left: 0, lost: [] };
  const leaves = leavers / ((ratePerS * durationMs) / 1_000);
  const open = new Set<Promise<void>>();
  const begunMs = performance.now();
  for (;;) {
    const passedMs = performance.now() - begunMs;
    if (passedMs > durationMs) break;
    while (tally.sent < (passedMs / 1_000) * ratePerS && open.size < OPEN_MAX) {
      const isLeaver = stream.nextFloat() < leaves;
      const leaveAfterMs = isLeaver ? stream.nextBelow(LEAVES_WITHIN_MS) : undefined;
      const request = drawRequest(stream);
      const done = ask(pool, request, leaveAfterMs, tally.sent++, tally);
      open.add(done);
      void done.finally(() => open.delete(done));
    }
    await sleep(2);
  }
  await Promise.all(open);
  await pool.close();
  return tally;
}

interface DrawnRequest {
  readonly body: string;
  readonly tokens: number;
}

/** A question about one of the documents, streamed. */
function drawRequest(stream: RandomStream): DrawnRequest {
  const family = stream.nextBelow(FAMILIES);
  const shared = Array.from(
    { length: SHARED_BLOCKS * BLOCK },
    (_, at) => 300 + family * 1_000 + at,
  );
  const own = Array.from({ length: OWN_BLOCKS * BLOCK }, () => 50_000 + stream.nextBelow(50_000));
  const tokens = 1 + stream.nextBelow(OUTPUT_TOKENS_MAX);
  const prompt = [...shared, ...own];
  const body = JSON.stringify({
    ...{ model: 'tiny', prompt, max_tokens: tokens, ignore_eos: true, stream: true },
  });
  return { body, tokens };
}

async function ask(
  pool: Pool,
  { body, tokens }: DrawnRequest,
  leaveAfterMs: number | undefined,
  number: number,
  tally: LoadTally,
): Promise<void> {
  const leaving = new AbortController();
  const timer =
    leaveAfterMs === undefined ? undefined : setTimeout(() => leaving.abort(), leaveAfterMs);
  let why: string | undefined;
  try {
    const answer = await pool.request({
      ...{ path: '/v1/completions', method: 'POST', body, signal: leaving.signal },
      headers: { 'content-type': 'application/json' },
    });
    why = faultOf(answer.statusCode, await answer.body.text(), tokens);
  } catch (error) {
    why = String(error);
  }
  clearTimeout(timer);
  if (why === undefined) tally.whole++;
  else if (leaving.signal.aborted) tally.left++;
  else tally.lost.push({ number, why });
}

/** What an answer lacks; undefined where it is whole: every token once, and its end. */
function faultOf(status: number, text: string, tokens: number): string | undefined {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const came = text.split('"choices":[{').length - 1;
  if (came !== tokens) return `${came} of ${tokens} tokens, and at the end ${text.slice(-200)}`;
  return text.endsWith('data: [DONE]\n\n') ? undefined : `no end, but ${text.slice(-200)}`;
}
