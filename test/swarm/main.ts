import { argv, stderr, stdout } from 'node:process';
import { describeFailure } from '#ui/cli/failure.ts';
import { soakAndTell } from '../soak/tell.ts';
import { feedLive } from './live-inputs.ts';
import { parseArguments, USAGE } from './options.ts';
import { flySwarm } from './swarm.ts';

/** Wall-clock time between two lines of progress. */
const PROGRESS_MS = 5_000;

/** Flights from which a swarm has to have tried everything. */
const WHOLE_SWARM = 5_000;

/** Tells now and then how far the swarm is. */
function progressTeller(seed: number, runs: number): (flown: number) => void {
  const begunMs = performance.now();
  let nextMs = begunMs + PROGRESS_MS;
  return (flown) => {
    const nowMs = performance.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + PROGRESS_MS;
    const leftS = (((nowMs - begunMs) / flown) * (runs - flown)) / 1_000;
    const percent = Math.floor((100 * flown) / runs);
    stderr.write(
      `${percent} % · ${flown}/${runs} clusters · next seed ${seed + flown} · ${leftS.toFixed(0)} s left\n`,
    );
  };
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseArguments(args);
  if (options === undefined) {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { seed, runs, keepGoing } = options;
  if (options.soak !== undefined) return soakAndTell({ seed, ...options.soak });
  if (options.live) return liveSwarm(seed, runs);
  const { tally, failure, broken } = flySwarm({
    seed,
    runs,
    onFlown: progressTeller(seed, runs),
    ...(keepGoing && { onBreach: (line) => void stdout.write(`${line}\n`) }),
  });
  if (failure !== undefined) {
    stdout.write(`${failure}\n`);
    return 1;
  }
  stdout.write(`${tally.lines().join('\n')}\n`);
  if (broken > 0) {
    stdout.write(`${broken} of ${runs} clusters break a law\n`);
    return 1;
  }
  if (runs < WHOLE_SWARM || tally.missing.length === 0) {
    stdout.write('every law holds\n');
    return 0;
  }
  stdout.write(`never tried:\n${tally.missing.map((name) => `  ${name}\n`).join('')}`);
  return 1;
}

async function liveSwarm(seed: number, runs: number): Promise<number> {
  const problem = await feedLive(seed, runs);
  stdout.write(
    problem === undefined ? `${runs} damaged inputs brought nothing down\n` : `${problem}\n`,
  );
  return problem === undefined ? 0 : 1;
}

try {
  process.exitCode = await main(argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error, false);
  stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
