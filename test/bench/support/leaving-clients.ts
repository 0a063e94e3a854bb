import { setTimeout as sleep } from 'node:timers/promises';
import type { ServeCluster } from './serve-cluster.ts';
import { StreamClient } from './stream-load.ts';

/** After so long nobody waits for the engine any more. */
const GIVEN_UP_MS = 2_000;
const POLL_MS = 1;

/**
 * Clients leave one after the other in the midst of an answer. How long it takes until no engine has a
 * request, by what `/metrics` of the engines says: the poll itself, some 2 ms, is in there.
 */
export async function leaveOften(
  cluster: ServeCluster,
  times: number,
): Promise<{ readonly delaysMs: readonly number[]; readonly unheard: number }> {
  const client = new StreamClient(cluster.router);
  const delaysMs: number[] = [];
  let unheard = 0;
  for (let at = 0; at < times; at++) {
    const prompt = Array.from({ length: 64 }, (_, place) => 300 + at + place);
    const body = { model: 'tiny', prompt, max_tokens: 4_000, ignore_eos: true, stream: true };
    let leftMs = 0;
    const hasBegun = await client.leaveAtFirstToken(JSON.stringify(body), () => {
      leftMs = performance.now();
    });
    if (!hasBegun) throw new Error('an answer did not begin');
    const idleMs = await idleAt(cluster.engines, leftMs + GIVEN_UP_MS);
    if (idleMs === undefined) unheard++;
    else delaysMs.push(idleMs - leftMs);
  }
  client.close();
  return { delaysMs, unheard };
}

/** When all engines are seen idle; undefined where they are not in time. */
async function idleAt(engines: readonly string[], untilMs: number): Promise<number | undefined> {
  while (performance.now() < untilMs) {
    const running = await Promise.all(engines.map(runningAt));
    if (running.every((requests) => requests === 0)) return performance.now();
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Requests that run at an engine, as its `/metrics` says. */
async function runningAt(engine: string): Promise<number> {
  const text = await (await fetch(`${engine}/metrics`)).text();
  return Number(/^vllm:num_requests_running\{.*\} (\S+)$/m.exec(text)?.[1]);
}
