import { parseArgs } from 'node:util';
import type { Lane, Verdict } from '../lane.ts';
import { type OracleOutcome, runOracle } from './oracle.ts';
import { provideDynamo } from './python.ts';

const NAME = 'dynamo-oracle';
/** Steps among engines that name blocks each in its own way; the difference shows at once. */
const OWN_NAMES_STEPS = 200;

/** Dynamo's indexer, selector and slot tracker on the sockets that the live router listens to. */
export const dynamoOracle: Lane = {
  name: NAME,
  isApart: true,
  prepare: provideDynamo,
  run: async (options) => {
    const text = { type: 'string' } as const;
    const known = { seed: text, steps: text };
    const { values } = parseArgs({ args: [...options], options: known, strict: false });
    return judge(provideDynamo(), Number(values.seed ?? 42), Number(values.steps ?? 1_000));
  },
};

/** Both runs of the oracle, and what came out. */
async function judge(python: string, seed: number, steps: number): Promise<Verdict> {
  const alike = await runOracle({ python, seed, steps, ownNames: false });
  if (alike.difference !== undefined) return fail(seed, alike, alike.difference);
  const ownSteps = Math.min(steps, OWN_NAMES_STEPS);
  const own = await runOracle({ python, seed, steps: ownSteps, ownNames: true });
  if (own.difference !== undefined) return fail(seed, own, own.difference);
  const { lookUps, choices, ties } = alike.counts;
  const { selector, indexer } = own.counts.wrong;
  const text = [
    `equal in ${alike.steps} steps: ${lookUps} look-ups and ${choices} choices (${ties} ties)`,
    `where each engine has names of its own, of ${own.counts.lookUps} look-ups ours had none wrong, Dynamo's selector ${selector}, its indexer ${indexer}`,
  ].join('; ');
  return { passed: true, text };
}

function fail(seed: number, { steps }: OracleOutcome, difference: Error): Verdict {
  const again = `npm run test:peers -- --lane ${NAME} --seed ${seed} --steps ${steps}`;
  const text = `seed ${seed}, step ${steps}: ${difference.message}\n  again: ${again}`;
  return { passed: false, text };
}
