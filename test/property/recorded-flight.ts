import { openJournal } from '#sim/cluster/record-run.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { configOf, type RandomFlight } from './random-flight.ts';

/** The journal of a flight, as its lines. */
export function recordFlight(flight: RandomFlight, seed = 7): string[] {
  const pieces: Uint8Array[] = [];
  const config = configOf(flight, 'leap');
  const journal = openJournal({ program: 'test', config }, (chunk) => void pieces.push(chunk));
  run({ config, seed, ...traceOf(flight.rows), journal });
  return Buffer.concat(pieces).toString('utf8').split('\n').slice(0, -1);
}
