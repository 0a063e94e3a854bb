import { parseArgs } from 'node:util';
import type { Lane, Verdict } from '../lane.ts';
import { OracleDifference, type OracleOutcome, runOracle } from './oracle.ts';
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
export async function judge(python: string, seed: number, steps: number): Promise<Verdict> {
  try {
    const alike = await runOracle({ python, seed, steps, ownNames: false });
    const own = { python, seed, steps: Math.min(steps, OWN_NAMES_STEPS), ownNames: true };
    return { passed: true, text: describe(alike, await runOracle(own)) };
  } catch (error) {
    if (!(error instanceof OracleDifference)) throw error;
    const again = `npm run test:peers -- --lane ${NAME} --seed ${seed} --steps ${error.step}`;
    const where = `seed ${seed}, step ${error.step}`;
    return { passed: false, text: `${where}: ${error.message}\n  again: ${again}` };
  }
}

function describe(alike: OracleOutcome, own: OracleOutcome): string {
  const { selector, indexer } = own.wrong;
  return [
    `equal in ${alike.steps} steps: ${alike.lookUps} look-ups and ${alike.choices} choices (${alike.ties} ties)`,
    `where each engine has names of its own, of ${own.lookUps} look-ups ours had none wrong, Dynamo's selector ${selector}, its indexer ${indexer}`,
  ].join('; ');
}
