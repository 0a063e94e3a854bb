import { configKeys } from '#core/config/keys.ts';

/** Keys that no flight writes, and why not. */
const NOT_DRAWN: ReadonlyMap<string, string> = new Map([
  ['version', 'there is one'],
  ['seed', 'each flight has its own'],
  ['router.policy', 'the code of a user is flown by test/property/router-pipeline.test.ts'],
  ['router.policy_sha256', 'belongs to it'],
  ['engine.stepping', 'each flight is flown both ways'],
]);

/** The keys that a swarm writes to be worth its name: all of the config but a few. */
export const DRAWN_KEYS: readonly string[] = [
  ...new Set(configKeys().map(({ path }) => path)),
].filter((path) => !NOT_DRAWN.has(path));
