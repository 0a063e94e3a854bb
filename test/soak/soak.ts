import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { type Serving, startServe } from '#live/serve/start-serve.ts';
import { readJournalChunks } from '#ui/cli/journal/journal-source.ts';
import { type Fault, planFaults } from './fault-plan.ts';
import { type LoadTally, sendLoad } from './load.ts';
import { judgeMemory, type MemoryVerdict, usedBytes } from './memory.ts';
import { ENGINES, SoakScene } from './scene.ts';

/** An engine comes back soon; asked how it is it has its time, since all stand still when the machine does. */
const RESILIENCE = {
  ...{ retry_limit: 4, migration_limit: 4, connect_timeout_secs: 2 },
  ...{ breaker_failures: 5, breaker_open_secs: 0.5, health_interval_secs: 3 },
};
const FIRST_TOKEN_TIMEOUT_S = 5;
/** Clients that leave, of all faults. */
const LEAVERS = 0.4;
/** How long books may take to drain once nothing comes any more. */
const DRAIN_MS = 30_000;
const MEMORY_SAMPLES = 100;
/** Small, so that a soak of seconds has its journal in parts as well. */
const JOURNAL_PART_BYTES = 128 * 1024;

export interface SoakOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly ratePerS: number;
  /** Faults of engines and clients that leave, together. */
  readonly faults: number;
  /** Told now and then how far it is, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface SoakReport {
  readonly tally: LoadTally;
  readonly ratePerS: number;
  readonly faults: readonly Fault[];
  readonly memory: MemoryVerdict;
  readonly decisions: number;
  /** Prompt blocks that were cached where they went, of all. */
  readonly hitRate: number | null;
  /** What should not have been; empty where all is well. */
  readonly problems: readonly string[];
}

/**
 * Lets requests at a constant rate go through a live router to mock engines that are killed, lose
 * events, hang, slow down and break off, while clients leave and the NATS server that it tells its KV
 * events restarts. The engines are a process of their own; router, journal and load are this one's.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-soak-'));
  const journal = join(folder, 'soak.journal.jsonl');
  const problems: string[] = [];
  const unhandled = (reason: unknown): void => void problems.push(`unhandled: ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  const scene = await SoakScene.open();
  // Without engines all else is lost, too: whoever reads the problems should read that first.
  let isOver = false;
  void scene.mocks.ended.then((how) => isOver || problems.push(how));
  try {
    const serving = await open(scene, journal, options.seed);
    const flown = await fly(serving, scene, options);
    const status = await drained(serving);
    problems.push(...leftIn(status));
    await serving.close();
    const verified = await verify(journal);
    problems.push(...verified.problems);
    const { tally, memory } = flown;
    for (const { number, why } of tally.lost) problems.push(`request ${number} is lost: ${why}`);
    if (!memory.isFlat) problems.push(`memory grew by ${memory.growth} bytes in the second half`);
    const ratePerS = (1_000 * tally.sent) / options.durationMs;
    const { decisions } = verified;
    return { ...flown, ratePerS, decisions, hitRate: status.hit_rate, problems };
  } finally {
    isOver = true;
    process.off('unhandledRejection', unhandled);
    await scene.close();
    rmSync(folder, { recursive: true });
  }
}

async function open(scene: SoakScene, journal: string, seed: number): Promise<Serving> {
  const http = { port: 0, first_token_timeout_secs: FIRST_TOKEN_TIMEOUT_S };
  const serving = await startServe({
    config: resolveServe({
      ...{ http, seed, resilience: RESILIENCE, engines: scene.mocks.entries },
      ...{
        router: { mode: 'kv_router' },
        journal: { path: journal, part_bytes: JOURNAL_PART_BYTES },
      },
      event_plane: { publish: { nats: { url: scene.natsUrl } } },
    }),
    ...{ folder: '.', env: {}, program: 'soak', note: () => undefined },
    signal: new AbortController().signal,
  });
  return serving!;
}

/** Load and faults side by side, and memory between. */
async function fly(
  serving: Serving,
  scene: SoakScene,
  { seed, durationMs, ratePerS, faults, onProgress }: SoakOptions,
): Promise<Pick<SoakReport, 'tally' | 'faults' | 'memory'>> {
  const leavers = Math.round(LEAVERS * faults);
  const plan = planFaults(seed, faults - leavers, durationMs, ENGINES);
  const samples: number[] = [];
  const begunMs = performance.now();
  const load = sendLoad({ url: serving.url, seed, ratePerS, durationMs, leavers });
  const until = async (ms: number): Promise<void> =>
    void (await sleep(Math.max(0, ms - (performance.now() - begunMs))));
  const watch = async (): Promise<void> => {
    // Not more often than every two seconds: a collection holds everybody up.
    const gapMs = Math.max(2_000, durationMs / MEMORY_SAMPLES);
    for (let ms = gapMs; ms < durationMs; ms += gapMs) {
      await until(ms);
      samples.push(usedBytes());
      onProgress?.(ms / durationMs);
    }
  };
  const hurt = async (): Promise<void> => {
    for (const fault of plan) {
      await until(fault.atMs);
      void scene.inflict(fault);
    }
  };
  const [tally] = await Promise.all([load, hurt(), watch()]);
  return { tally, faults: plan, memory: judgeMemory(samples) };
}

/** The state of the router once its books are empty, or have had their time. */
async function drained(serving: Serving): Promise<ServeStatus> {
  const untilMs = performance.now() + DRAIN_MS;
  for (;;) {
    const status = serving.status() as ServeStatus;
    if (leftIn(status).length === 0 || performance.now() > untilMs) return status;
    await sleep(20);
  }
}

/** What books say that nobody has any more. */
function leftIn({ books, engines }: ServeStatus): readonly string[] {
  const counts = [
    ['requests', books.requests] as const,
    ['queued requests', books.queued] as const,
    ...engines.flatMap(({ name, ranks }) =>
      ranks.flatMap((rank) => [
        [`requests at ${name}`, rank.active_requests] as const,
        [`prefill tokens at ${name}`, rank.prefill_tokens] as const,
        [`active blocks at ${name}`, rank.active_blocks] as const,
      ]),
    ),
  ];
  return counts.filter(([, count]) => count !== 0).map(([what, count]) => `${count} ${what} left`);
}

/** The journal gives every decision again. */
async function verify(
  journal: string,
): Promise<{ readonly decisions: number; readonly problems: readonly string[] }> {
  const verifier = new JournalVerifier(journal);
  for await (const piece of readJournalChunks(journal, () => verifier.line)) verifier.push(piece);
  const { whole, decisions, difference } = verifier.finish();
  const problems: string[] = [];
  if (!whole) problems.push('the journal is cut');
  if (difference !== undefined)
    problems.push(`the journal's decision ${difference.decision} is another one in core`);
  return { decisions, problems };
}
