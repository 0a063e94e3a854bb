import { argv, stdout } from 'node:process';
import { LANES } from './lanes.ts';

const USAGE = `Usage: npm run test:peers [-- LANE … | -- options of the lane \`replay\`]

Lanes: ${LANES.map(({ name }) => name).join(', ')}. Without any all of them run, one after the other.`;

/** Runs lanes and says of each how it went; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') && args.length === 1) {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  const named = LANES.filter(({ name }) => args.includes(name));
  const options = args.filter((arg) => !named.some(({ name }) => name === arg));
  // Options alone are those of the lane that was there first.
  const chosen = named.length > 0 ? named : options.length > 0 ? LANES.slice(0, 1) : LANES;
  let failed = 0;
  for (const { name, run } of chosen) {
    const verdict = await run(options);
    stdout.write(`lane ${name}: ${verdict.text}\n`);
    if (!verdict.passed) failed++;
  }
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main(argv.slice(2));
