import { stringify } from 'yaml';
import type { Flight } from './flight.ts';
import type { Law } from './laws/law.ts';
import type { Drawn } from './mix.ts';
import { writtenConfig } from './settle.ts';
import { type StillBroken, shrink } from './shrink.ts';
import { type Breach, type Tamper, tryFlight } from './try-flight.ts';

/** Rows of a trace that are printed. */
const ROWS_SHOWN = 40;

/** Lines of what went wrong. */
const LINES_SHOWN = 40;

/** The command that flies one cluster of the swarm again. */
export function replayCommand(seed: number): string {
  return `npm run test:swarm -- --seed ${seed}`;
}

/** A breach in a line: the command with its seed, the law, and what was found first. */
export function failureLine({ seed }: Flight, { law, error }: Breach): string {
  const [found = ''] = error.message.split('\n');
  return `${replayCommand(seed)}   breaks "${law}": ${found}`;
}

/** What a failure prints: the law, the smallest cluster found that breaks it, and how to fly it again. */
export function describeFailure(
  { flight, features }: Drawn,
  breach: Breach,
  laws: readonly Law[],
  tamper?: Tamper,
  shrinkTries?: number,
): string {
  const { seed } = flight;
  const mix = features.map(({ name }) => name);
  const isBroken: StillBroken = (candidate) => {
    const found = tryFlight(candidate, laws, tamper).breach;
    return found?.law === breach.law && kindOf(found) === kindOf(breach);
  };
  const smallest = shrink(seed, mix, isBroken, shrinkTries);
  const shown = tryFlight(smallest, laws, tamper).breach ?? breach;
  return [
    `seed ${seed} breaks the law "${breach.law}"`,
    ...String(shown.error.stack ?? shown.error.message)
      .split('\n')
      .slice(0, LINES_SHOWN),
    '',
    `The cluster, made smaller (${smallest.rows.length} of ${flight.rows.length} requests):`,
    stringify(writtenConfig(smallest)),
    ...traceLines(smallest),
    '',
    'Fly it again with',
    `  ${replayCommand(seed)}`,
  ].join('\n');
}

/** Errors of the same kind, not of the same numbers: a shrunk flight should not break otherwise. */
function kindOf({ error }: Breach): string {
  return (error.message.split('\n')[0] ?? '').replace(/[\d.]+/g, '#');
}

function traceLines({ rows, resendsOutput, timelineStepMs }: Flight): readonly string[] {
  const about = [
    `Its trace${resendsOutput ? ', in which turns state what is new' : ''}:`,
    ...rows.slice(0, ROWS_SHOWN).map((row) => `  ${JSON.stringify(row)}`),
  ];
  if (rows.length > ROWS_SHOWN) about.push(`  and ${rows.length - ROWS_SHOWN} more`);
  if (timelineStepMs !== undefined) about.push(`It is recorded each ${timelineStepMs} ms.`);
  return about;
}
