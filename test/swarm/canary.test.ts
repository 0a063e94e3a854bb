import { expect, test } from 'vitest';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { rowsWith } from './laws/columns.ts';
import type { Outcome } from './laws/law.ts';
import { LAWS } from './laws/registry.ts';
import { flySwarm } from './swarm.ts';
import type { Tamper } from './try-flight.ts';

/** That failures are made smaller is tested by itself. */
const SHRINK_TRIES = 5;

/** Breaks something of the first request that completed in the flight that leaps; some have none. */
function ofFirst(
  change: (table: Outcome['leap']['result']['requests'], row: number) => void,
): Tamper {
  return ({ leap: { result } }) => {
    const [row] = rowsWith(result.requests, RequestStatus.completed);
    if (row !== undefined) change(result.requests, row);
  };
}

/** A breach of each law, and how it is brought about. */
const CANARIES: readonly [law: string, tamper: Tamper][] = [
  ['requests are conserved', ofFirst((table, row) => (table.status[row] = RequestStatus.running))],
  ['blocks are conserved', ({ leap }) => (leap.result.tallies[0]!.kvPeakBlocks += 1e6)],
  ['tokens are conserved', ofFirst((table, row) => table.outputTokens[row]!++)],
  ['time never goes back', ofFirst((table, row) => (table.firstAdmitNs[row] = 1e15))],
  [
    'queues and batches hold whoever is under way',
    ({ exact }) => {
      const { timeline } = exact.result;
      if (timeline !== undefined) timeline.routerQueue[0]!++;
    },
  ],
  [
    'links never over capacity',
    ({ leap: { result } }) => {
      for (const link of result.links ?? []) (link as { bytes: number }).bytes += 1e15;
    },
  ],
  [
    'items are conserved',
    ({ leap: { result } }) => {
      for (const encoder of result.encode?.encoders ?? []) {
        (encoder as { encodedItems: number }).encodedItems++;
      }
    },
  ],
  [
    'leaping equals stepping',
    ({ exact: { requestRows } }) => ((requestRows as string[])[0] += ' '),
  ],
  ['the same seed gives the same bytes', ({ again }) => (again.requestRows as string[]).push(' ')],
  [
    'core alone decides again',
    ({ again: { journal } }) => {
      if (journal === undefined) return;
      const at = Buffer.from(journal).indexOf('["d",');
      if (at >= 0) journal[at + 5] = '7'.charCodeAt(0);
    },
  ],
];

test.each(CANARIES)(
  'a swarm in which "%s" is broken fails and says how to see it',
  (law, tamper) => {
    const { failure = '' } = flySwarm({ seed: 12, runs: 100, tamper, shrinkTries: SHRINK_TRIES });
    const seed = /^seed (\d+) breaks the law "(.*)"$/m.exec(failure);
    expect(seed?.[2]).toBe(law);
    expect(failure).toContain(`npm run test:swarm -- --seed ${seed?.[1]}`);
    expect(failure).toMatch(/^seed: \d+$/m);
  },
);

test('caps and sessions: a turn that comes before its turn is found', () => {
  const tamper: Tamper = ({ leap: { result } }) => {
    const { requests: table } = result;
    const later = Array.from(table.turn.subarray(0, table.count)).findIndex((turn) => turn > 0);
    if (later < 0 || table.arrivalNs[later] === NEVER) return;
    const session = table.session[later];
    const first = table.session.findIndex(
      (other, row) => other === session && table.turn[row] === 0,
    );
    table.terminalNs[first] = table.arrivalNs[later]! + 1;
  };
  const names = LAWS.map(({ name }) => name);
  const { failure = '' } = flySwarm({ seed: 12, runs: 100, tamper, shrinkTries: SHRINK_TRIES });
  const broken = /breaks the law "(.*)"/.exec(failure)?.[1];
  expect(names).toContain(broken);
});
