import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';
import { adapterOf } from './adapters.ts';
import { askEngine, type EngineAnswer } from './ask-engine.ts';
import type { Availability } from './availability.ts';
import { type EngineReport, readEngineReport } from './engine-load.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from './engine-settings.ts';

/**
 * An engine that is merely late is only unhealthy when it has not answered so many times in a row. One
 * where nobody listens is at once, and so is one that a request has found to be gone.
 */
const STRIKES = 2;

export interface WatchOptions {
  readonly engine: EngineEndpoint;
  readonly settings?: EngineSettings;
  readonly availability: Availability;
  readonly intervalMs: number;
  /** Is told what each scrape says. */
  readonly reported?: (engine: EngineEndpoint, report: EngineReport) => void;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Asks an engine again and again how it is, and what it has to do; at once where a request could not
 * reach it. It is left alone while it does not answer, and taken back with its first answer. Resolves
 * when the signal aborts; never rejects.
 */
export async function watchEngine(options: WatchOptions): Promise<void> {
  const { engine, availability, intervalMs, signal } = options;
  let strikes = 0;
  let wake = new AbortController();
  const forget = availability.onSuspicion((name) => {
    if (name === engine.name) wake.abort();
  });
  while (!signal.aborted) {
    // One that comes from here on may be of what happens after the engine has answered.
    const isSuspect = wake.signal.aborted;
    wake = new AbortController();
    const health = await healthOf(options);
    if (health === 'well') {
      strikes = 0;
      availability.unblock(engine, 'unhealthy');
      await reportLoad(options);
    } else if (!signal.aborted && (++strikes >= STRIKES || isSuspect || health === 'gone')) {
      availability.block(engine, 'unhealthy');
    }
    const woken = AbortSignal.any([signal, wake.signal]);
    await sleep(intervalMs, undefined, { signal: woken, ref: false }).catch(() => undefined);
  }
  forget();
}

/** How an engine is; gone = nobody listens there. */
type Health = 'well' | 'silent' | 'gone';

/** A server of OpenAI's API alone has no /health, but lists its models. */
async function healthOf(options: WatchOptions): Promise<Health> {
  const path = options.engine.backend === 'openai' ? '/v1/models' : '/health';
  try {
    return (await ask(options, path)).status < 300 ? 'well' : 'silent';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'gone' : 'silent';
  }
}

async function reportLoad(options: WatchOptions): Promise<void> {
  const { metrics } = adapterOf(options.engine.backend);
  if (options.reported === undefined || metrics === undefined) return;
  const answer = await ask(options, metrics.path).catch(() => undefined);
  if (answer?.status !== 200 || options.signal.aborted) return;
  options.reported(options.engine, readEngineReport(answer.text, metrics.names));
}

function ask(
  { engine, settings = DEFAULT_SETTINGS, intervalMs, signal }: WatchOptions,
  path: string,
): Promise<EngineAnswer> {
  // A busy engine may take its time, but not until it is asked again.
  const timeoutMs = Math.max(1_000, intervalMs);
  return askEngine({ url: engine.url, path, timeoutMs, apiKey: settings.apiKey, signal });
}
