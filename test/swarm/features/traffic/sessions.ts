import type { HandRow } from '#test/reference/hand-trace.ts';
import type { Draw } from '../../draw.ts';
import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** Puts rows into sessions; a later turn comes a think time after the end of the one before. */
function intoSessions(flight: Flight, draw: Draw): void {
  const sessions = draw.pick([1, 3, 8]);
  const thinkMs = draw.pick([0, 5, 30, 300]);
  const share = draw.pick([0.4, 0.9, 1]);
  flight.mapRows((row): HandRow => {
    if (!draw.chance(share)) return row;
    return {
      ...row,
      session: `s${draw.between(1, sessions)}`,
      delayMs: draw.between(0, thinkMs),
    };
  });
}

const sessions: Feature = {
  name: 'sessions with think time',
  weight: 1.5,
  lay: intoSessions,
};

/** No follow-up comes at the moment of another, where its place would be open. */
const resentOutput: Feature = {
  name: 'turns that resend the answers',
  lay(flight, draw) {
    if (flight.rows.every(({ session }) => session === undefined)) intoSessions(flight, draw);
    flight.set('workload.trace_format', 'mooncake_delta');
    flight.resendsOutput = true;
  },
};

export const SESSION_FEATURES: readonly Feature[] = [sessions, resentOutput];
