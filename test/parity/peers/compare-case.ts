import { fly } from '../fly.ts';
import type { GoldenAnswer, GoldenInput } from '../golden.ts';
import type { Check } from '../judge/check.ts';
import { judgeDefect } from '../judge/defect.ts';
import { judgeExactSummary } from '../judge/exact-summary.ts';
import { judgeRows } from '../judge/request-rows.ts';
import { configOf, traceOf } from '../translate.ts';

/** Seeds of ours among which one must choose as the peer's random draws did. */
const SEEDS = 12;

/** Runs of the peer that tell whether a case depends on its draws. */
const PEER_RUNS = 4;

/**
 * `equal`: request by request; `defect`: the peer gave up where we ended well; `tie`: the peer itself
 * differs from run to run, so nothing could be compared; `different`: the rest.
 */
export interface PeerVerdict {
  readonly outcome: 'equal' | 'defect' | 'tie' | 'different';
  readonly differences: readonly Check[];
}

/** Runs a case through the peer and through Windtunnel under exact stepping, and compares them. */
export async function compareCase(
  input: GoldenInput,
  runPeer: (input: GoldenInput) => Promise<GoldenAnswer>,
): Promise<PeerVerdict> {
  const theirs = await runPeer(input);
  const ours = flights(input);
  if (theirs.error !== undefined) {
    const differences = judgeDefect((await ours(1)).result.requests).filter((check) => !check.ok);
    return { outcome: differences.length === 0 ? 'defect' : 'different', differences };
  }
  const first = differencesOf(input, theirs, await ours(1));
  const targets = (input.workers ?? 1) * Number(input.engine?.dp_size ?? 1);
  const drawn = input.router_mode === 'kv_router' && targets > 1;
  if (first.length === 0 || !drawn) return verdictOf(first);
  const answers = [theirs];
  while (answers.length < PEER_RUNS) answers.push(await runPeer(input));
  for (let seed = 1; seed <= SEEDS; seed++) {
    const flown = await ours(seed);
    for (const answer of answers) {
      if (differencesOf(input, answer, flown).length === 0) return verdictOf([]);
    }
  }
  const varies = answers.some((answer) => historyOf(answer) !== historyOf(theirs));
  return varies ? { outcome: 'tie', differences: first } : verdictOf(first);
}

function verdictOf(differences: readonly Check[]): PeerVerdict {
  return { outcome: differences.length === 0 ? 'equal' : 'different', differences };
}

/** What a run of the peer did, its workers named in the order in which requests meet them. */
function historyOf({ summary, requests = [] }: GoldenAnswer): string {
  const names = new Map<unknown, number>();
  const routes = requests.map((row) => {
    const worker = row.decode_worker_idx;
    if (!names.has(worker)) names.set(worker, names.size);
    return names.get(worker);
  });
  return JSON.stringify([summary, routes]);
}

type Flown = ReturnType<typeof fly>;

/** Flies the case by seed, each seed once. */
function flights(input: GoldenInput): (seed: number) => Promise<Flown> {
  const flown = new Map<number, Flown>();
  return async (seed) => {
    const known = flown.get(seed);
    if (known !== undefined) return known;
    const trace = await traceOf(input, '');
    const outcome = fly({ config: configOf(input, 'exact'), trace }, seed);
    flown.set(seed, outcome);
    return outcome;
  };
}

function differencesOf(input: GoldenInput, theirs: GoldenAnswer, ours: Flown): readonly Check[] {
  const permuted = input.router_mode === 'kv_router';
  const rows = judgeRows(theirs.requests ?? [], ours.rows, permuted).differences;
  const summary = judgeExactSummary(theirs.summary ?? {}, ours.summary);
  return [...summary.filter((check) => !check.ok), ...rows];
}
