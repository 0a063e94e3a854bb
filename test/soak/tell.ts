import { stderr, stdout } from 'node:process';
import { type SoakReport, soak } from './soak.ts';

/** Faults of half an hour; shorter soaks have as many a second. */
const FAULTS = 1_000;
const HALF_HOUR_MS = 1_800_000;
const PROGRESS_MS = 15_000;
/** So many problems are printed; the others are of their kind. */
const PROBLEMS_SHOWN = 20;

/** Soaks a live router and prints what came of it; the exit code. */
export async function soakAndTell(options: {
  readonly seed: number;
  readonly durationMs: number;
  readonly ratePerS: number;
}): Promise<number> {
  const { seed, durationMs, ratePerS } = options;
  const faults = Math.max(1, Math.round((FAULTS * durationMs) / HALF_HOUR_MS));
  let nextMs = performance.now() + PROGRESS_MS;
  const report = await soak({
    ...options,
    faults,
    onProgress: (share) => {
      if (performance.now() < nextMs) return;
      nextMs += PROGRESS_MS;
      stderr.write(`${Math.floor(100 * share)} %\n`);
    },
  });
  stdout.write(`${linesOf(report).join('\n')}\n`);
  if (report.problems.length === 0) {
    stdout.write('no request is lost, books are empty, memory is flat\n');
    return 0;
  }
  stdout.write(`${report.problems.slice(0, PROBLEMS_SHOWN).join('\n')}\n`);
  stdout.write(
    `${report.problems.length} problems; again with\n  npm run test:swarm -- --soak ${durationMs / 1_000}s --rate ${ratePerS} --seed ${seed}\n`,
  );
  return 1;
}

function linesOf({ tally, ratePerS, faults, memory, decisions, hitRate }: SoakReport) {
  const kinds = new Map<string, number>();
  for (const { kind } of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const told = [...kinds].sort().map(([kind, count]) => `${kind} ${count}`);
  const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  const grown =
    memory.growth === undefined
      ? 'too short to tell its slope'
      : `grew by ${mb(memory.growth)} in the second half`;
  return [
    `${tally.sent} requests, ${ratePerS.toFixed(0)}/s: ${tally.whole} whole, ${tally.left} whose client left, ${tally.lost.length} lost`,
    `faults: ${told.join(', ')}, clients who left ${tally.left}`,
    `${decisions} decisions, each the same again from the journal; ${((hitRate ?? 0) * 100).toFixed(1)} % of prompt blocks cached`,
    `memory after a collection ${mb(memory.bytes)}, ${grown}`,
  ];
}
