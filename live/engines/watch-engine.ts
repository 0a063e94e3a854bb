import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';
import { adapterOf } from './adapters.ts';
import { askEngine } from './ask-engine.ts';
import type { Availability } from './availability.ts';
import { type EngineReport, readEngineReport } from './engine-load.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from './engine-settings.ts';

/** An engine is only unhealthy when it has not answered so many times in a row. */
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
 * Asks an engine again and again how it is, and what it has to do. It is left alone while it does
 * not answer, and taken back with its first answer. Resolves when the signal aborts; never rejects.
 */
export async function watchEngine(options: WatchOptions): Promise<void> {
  const { engine, availability, intervalMs, signal } = options;
  let strikes = 0;
  while (!signal.aborted) {
    if (await isHealthy(options)) {
      strikes = 0;
      availability.unblock(engine, 'unhealthy');
      await reportLoad(options);
    } else if (!signal.aborted && ++strikes >= STRIKES) {
      availability.block(engine, 'unhealthy');
    }
    await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** A server of OpenAI's API alone has no /health, but lists its models. */
async function isHealthy(options: WatchOptions): Promise<boolean> {
  const path = options.engine.backend === 'openai' ? '/v1/models' : '/health';
  const answer = await ask(options, path);
  return answer !== undefined && answer.status < 300;
}

async function reportLoad(options: WatchOptions): Promise<void> {
  const { metrics } = adapterOf(options.engine.backend);
  if (options.reported === undefined || metrics === undefined) return;
  const answer = await ask(options, metrics.path);
  if (answer?.status !== 200 || options.signal.aborted) return;
  options.reported(options.engine, readEngineReport(answer.text, metrics.names));
}

async function ask(
  { engine, settings = DEFAULT_SETTINGS, intervalMs, signal }: WatchOptions,
  path: string,
) {
  try {
    // A busy engine may take its time, but not until it is asked again.
    const timeoutMs = Math.max(1_000, intervalMs);
    return await askEngine({ url: engine.url, path, timeoutMs, apiKey: settings.apiKey, signal });
  } catch {
    return undefined;
  }
}
