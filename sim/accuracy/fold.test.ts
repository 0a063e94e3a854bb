import { expect, test } from 'vitest';
import { ERAS, type HostConstants, type HostFacts } from '#core/perf/host/host-time.ts';
import { fitEras, type GroupedEvidence, LeftOutConstants } from './fold.ts';
import { fitHost, type HostEvidence, hostEvidenceOf, NEUTRAL } from './host-fit.ts';

const era = ERAS.find(({ name }) => name === 'vllm 0.8')!;
const facts: HostFacts = { engine: 'vllm', samples: false, layers: 32, tensorParallel: 1 };

const POINTS = 60;
const KERNELS_MS = 8;
const MEASURED_MS = { perPass: 2, perRequest: 0.1 };

/**
 * A made-up server that is offered a rate: by Little's law, the more a token takes, the more
 * requests run. `running` solves running = rate · (kernels + perPass + perRequest · running).
 */
function flyAt(rate: number, constants: Pick<HostConstants, 'perPass' | 'perRequest'>) {
  const running = (rate * (KERNELS_MS + constants.perPass)) / (1 - rate * constants.perRequest);
  return { running, tpotMs: running / rate };
}

/** Requests a millisecond in decode, 0.5 to 3.45. */
const rateOf = (index: number) => 0.5 + 0.05 * index;

function evidenceAt(rate: number, constants: HostConstants): HostEvidence {
  const { running, tpotMs } = flyAt(rate, constants);
  const measured = { tpotMs: flyAt(rate, MEASURED_MS).tpotMs };
  const flight = { predicted: { tpotMs }, running, constants };
  return hostEvidenceOf({ era, facts, measured, ...flight, meanOutput: 100, saturated: false });
}

interface Flown {
  readonly gpuClass: string;
  readonly constants: HostConstants;
}

function pointsOf(gpuClass: string, flown: Flown[]): GroupedEvidence[] {
  return Array.from({ length: POINTS }, (_, index) => ({
    gpuClass,
    modelFamily: 'llama',
    evidence: evidenceAt(rateOf(index), NEUTRAL),
    flownWith: (constants) => {
      flown.push({ gpuClass, constants });
      return evidenceAt(rateOf(index), constants);
    },
  }));
}

test('a fold flies its own points again, with what came of its first round, and no point left out', () => {
  const flown: Flown[] = [];
  const points = [...pointsOf('H100', flown), ...pointsOf('A100', flown)];
  const kept = points.slice(0, POINTS);
  const constants = new LeftOutConstants(points).without(
    'gpuClass',
    { gpuClass: 'A100', modelFamily: 'llama' },
    era,
    facts,
  );
  const first = fitHost(
    era,
    kept.map(({ evidence }) => evidence),
  );
  expect(flown).toEqual(kept.map(() => ({ gpuClass: 'H100', constants: first })));
  expect(constants).not.toEqual(first);
});

test('the second round comes nearer to a server that neutral constants make too fast', () => {
  const points = pointsOf('H100', []);
  const first = fitHost(
    era,
    points.map(({ evidence }) => evidence),
  );
  const [second] = fitEras(points);
  const missed = ({ perRequest }: HostConstants) => Math.abs(MEASURED_MS.perRequest - perRequest);
  expect(missed(first)).toBeGreaterThan(0.03);
  expect(missed(second!.fitted)).toBeLessThan(missed(first) / 2);
});

test('at the same running requests, evidence is the same whatever constants it was flown with', () => {
  const flownWith = (constants: HostConstants) =>
    hostEvidenceOf({
      era,
      facts,
      measured: { tpotMs: 20, ttftMs: 90 },
      constants,
      predicted: {
        tpotMs: KERNELS_MS + constants.perPass + 10 * constants.perRequest,
        ttftMs: 30 + constants.frontend,
      },
      running: 10,
      meanOutput: 100,
      saturated: false,
    });
  for (const constants of [NEUTRAL, { ...NEUTRAL, perPass: 3, perRequest: 0.25, frontend: 7 }]) {
    const { pass, frontend } = flownWith(constants);
    expect(pass!.features).toEqual([1, 10, 0, 32, 32]);
    expect(pass!.target).toBeCloseTo(20 - KERNELS_MS, 12);
    expect(frontend!.target).toBeCloseTo(90 - 30, 12);
  }
});
