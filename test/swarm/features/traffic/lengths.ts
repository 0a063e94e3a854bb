import type { Feature } from '../feature.ts';

const noOutput: Feature = {
  name: 'requests without output',
  lay(flight, draw) {
    const share = draw.pick([0.1, 0.5, 1]);
    flight.mapRows((row) => (draw.chance(share) ? { ...row, output: 0 } : row));
  },
};

const oneToken: Feature = {
  name: 'outputs of one token',
  weight: 0.5,
  lay(flight) {
    flight.mapRows((row) => ({ ...row, output: 1 }));
  },
};

const longOutputs: Feature = {
  name: 'long outputs',
  lay(flight, draw) {
    const share = draw.pick([0.1, 0.5, 1]);
    flight.mapRows((row) => {
      return draw.chance(share) ? { ...row, output: row.output + draw.between(40, 300) } : row;
    });
  },
};

const giants: Feature = {
  name: 'a few giant prompts',
  lay(flight, draw) {
    const size = flight.number('workload.trace_block_size', 1);
    flight.mapRows((row, index) => {
      if (!draw.chance(0.1)) return row;
      const more = Array.from({ length: draw.between(10, 40) }, (_, at) => 5000 + 100 * index + at);
      return { ...row, input: row.input + more.length * size, ids: [...(row.ids ?? []), ...more] };
    });
  },
};

export const LENGTH_FEATURES: readonly Feature[] = [noOutput, oneToken, longOutputs, giants];
