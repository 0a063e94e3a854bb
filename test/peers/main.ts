import { argv, stdout } from 'node:process';
import { CannotRun } from '#test/support/cannot-run.ts';
import { runApart } from './apart.ts';
import type { Lane } from './lane.ts';
import { LANES } from './lanes.ts';

const USAGE = `Usage: npm run test:peers [-- --lane NAME … | -- options of the lane \`replay\`]

Lanes: ${LANES.map(({ name }) => name).join(', ')}. Without any all of them run, one after the other.
What follows the names of lanes is passed on to them.`;

interface Asked {
  readonly lanes: readonly Lane[];
  readonly isNamed: boolean;
  /** In this process and its network, whatever the lane wants. */
  readonly here: boolean;
  readonly options: readonly string[];
}

/** Names of lanes stand alone or behind `--lane`; options alone are those of the lane that was there first. */
function readArguments(args: readonly string[]): Asked {
  const named = LANES.filter(({ name }) => args.includes(name));
  const isName = (arg: string): boolean => LANES.some(({ name }) => name === arg);
  const options = args.filter((arg) => !isName(arg) && arg !== '--lane' && arg !== '--here');
  const isNamed = named.length > 0;
  const lanes = isNamed ? named : options.length > 0 ? LANES.slice(0, 1) : LANES;
  return { lanes, isNamed, here: args.includes('--here'), options };
}

/** Runs a lane and says how it went, or why it cannot run here; whether nothing was wrong. */
async function runLane(lane: Lane, { isNamed, here, options }: Asked): Promise<boolean> {
  const { name, isApart = false } = lane;
  const say = (line: string): void => void stdout.write(`${line}\n`);
  try {
    if (!here) lane.prepare?.(isNamed);
    if (isApart && !here) return runApart(name, options, say);
    const { passed, text } = await lane.run(options);
    say(`lane ${name}: ${text}`);
    return passed;
  } catch (error) {
    if (error instanceof CannotRun) {
      say(`lane ${name}: not run: ${error.message}`);
      return true;
    }
    say(`lane ${name}: failed: ${error instanceof Error ? error.stack : String(error)}`);
    return false;
  }
}

/** Runs lanes one after the other; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--lane');
  const asked = readArguments(args);
  const isUnknown = at >= 0 && !LANES.some(({ name }) => name === args[at + 1]);
  if (isUnknown || (args.includes('--help') && !args.includes('replay'))) {
    if (isUnknown) stdout.write(`there is no lane ${args[at + 1] ?? 'without a name'}\n`);
    stdout.write(`${USAGE}\n`);
    return isUnknown ? 2 : 0;
  }
  let failed = 0;
  for (const lane of asked.lanes) if (!(await runLane(lane, asked))) failed++;
  return failed > 0 ? 1 : 0;
}

// Peers have process groups of their own and do not hear what is typed here.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

// A peer that is still there after a failure must not keep the process.
process.exit(await main(argv.slice(2)));
