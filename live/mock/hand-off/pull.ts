import type { Ns } from '#core/base/time.ts';
import type { WakingClock } from '../time/waking-clock.ts';

/** Where a prompt is held, and under which key. */
export interface KvSource {
  /** Base URL of the engine that holds it. */
  readonly url: string;
  readonly key: string;
  /** Whether it may still be on its way. */
  readonly waits: boolean;
}

/**
 * Copies a prompt from the engine that holds it: asks for it, takes the time that the copy takes, and
 * says that it is done. Rejects where that engine does not have it or cannot be reached.
 */
export async function pullKv(source: KvSource, spanNs: Ns, clock: WakingClock): Promise<void> {
  await tell(source, 'claim');
  await new Promise<void>((resolve) => clock.wakeAt(clock.nowNs() + spanNs, resolve));
  await tell(source, 'done');
}

async function tell({ url, key, waits }: KvSource, what: 'claim' | 'done'): Promise<void> {
  const response = await fetch(`${url}/internal/kv/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key, waits }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} holds no such prompt`);
}
