import type { FleetStatus, KeptEngineStatus } from '#live/discovery/fleet-status.ts';

/** Places with problems, and engines that are listed and do not serve, as lines of text. */
export function discoveryLines({ sources, engines }: FleetStatus): readonly string[] {
  const lines = [
    ...engines.filter(({ state }) => WORDS[state] !== undefined).map(engineLine),
    ...sources.flatMap(({ origin, problem, left_out }) => [
      ...(problem === undefined ? [] : [`discovery by ${origin} fails: ${problem}`]),
      ...left_out.map(({ name, why }) => `${name} (${origin}) is left out: ${why}`),
    ]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

const WORDS: Readonly<Partial<Record<KeptEngineStatus['state'], string>>> = {
  asking: 'does not answer yet',
  answered: 'has answered and joins',
  refused: 'is left out',
};

function engineLine({ name, origin, url, state, problem }: KeptEngineStatus): string {
  const why = problem === undefined ? '' : `: ${problem}`;
  return `${name} (${origin}) at ${url} ${WORDS[state]}${why}`;
}
