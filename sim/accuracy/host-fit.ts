import {
  drawsPerRequest,
  type EngineEra,
  type HostConstants,
  type HostFacts,
} from '#core/perf/host/host-time.ts';
import { type Equation, fitLeastAbsolute, type Prior } from './least-absolute-fit.ts';
import type { Truth } from './truth.ts';

/** What one measured point says of the host of its engine, once its kernels are known. */
export interface HostEvidence {
  readonly era: EngineEra;
  /** Equation of the constants of a pass, and of the frontend, where the point says something. */
  readonly pass?: Equation;
  readonly frontend?: Equation;
}

/** A flown point beside what was measured of it. */
export interface Comparison {
  readonly era: EngineEra;
  readonly facts: HostFacts;
  readonly measured: Truth;
  /** Flown with these constants: none in which what is to be predicted has a part. */
  readonly constants: HostConstants;
  readonly predicted: Truth;
  readonly running: number;
  readonly meanOutput: number;
  /** Whether its TTFT is a queue's, which says nothing of a frontend. */
  readonly saturated: boolean;
}

/** The constants of a pass, in the order of the equations. */
export const PASS_KEYS = [
  'perPass',
  'perRequest',
  'perDraw',
  'perLayer',
  'perLayerAndGpu',
] as const;

/** An engine of which nothing is known, in milliseconds: no figure of any engine is in it. */
const UNKNOWN: Readonly<Record<keyof HostConstants, Prior>> = {
  perPass: { value: 0.5, spread: 0.5 },
  perRequest: { value: 0.01, spread: 0.02 },
  perDraw: { value: 0, spread: 0.02 },
  perLayer: { value: 0, spread: 0.05 },
  perLayerAndGpu: { value: 0, spread: 0.01 },
  frontend: { value: 20, spread: 10 },
};

/** The constants of an engine of which nothing is known. */
export const NEUTRAL: HostConstants = {
  perPass: UNKNOWN.perPass.value,
  perRequest: UNKNOWN.perRequest.value,
  perDraw: UNKNOWN.perDraw.value,
  perLayer: UNKNOWN.perLayer.value,
  perLayerAndGpu: UNKNOWN.perLayerAndGpu.value,
  frontend: UNKNOWN.frontend.value,
};

/**
 * What a comparison says of the constants. A token takes the kernels' time plus the constants, so
 * what was measured less the flown time without them is what they should add up to. A batch of which
 * only the whole latency is known says it of its passes.
 */
export function hostEvidenceOf(comparison: Comparison): HostEvidence {
  const { era, measured, constants, predicted, saturated } = comparison;
  const features = passFeatures(comparison);
  const flown = features.reduce((sum, each, index) => sum + each * constants[PASS_KEYS[index]!], 0);
  const token = tokenTimes(comparison);
  const { ttftMs } = measured;
  return {
    era,
    ...(token && {
      pass: { features, target: token.measured - token.predicted + flown, scale: token.measured },
    }),
    ...(ttftMs !== undefined &&
      predicted.ttftMs !== undefined &&
      !saturated && {
        frontend: {
          features: [1],
          target: ttftMs - predicted.ttftMs + constants.frontend,
          scale: ttftMs,
        },
      }),
  };
}

/** How often each constant of a pass counts. */
function passFeatures({ facts, running }: Comparison): number[] {
  const { layers, tensorParallel } = facts;
  const draws = running * drawsPerRequest(facts);
  return [1, running, draws, layers, layers * tensorParallel];
}

function tokenTimes({
  measured,
  predicted,
  meanOutput,
}: Comparison): { readonly measured: number; readonly predicted: number } | undefined {
  if (measured.tpotMs !== undefined) {
    return predicted.tpotMs === undefined
      ? undefined
      : { measured: measured.tpotMs, predicted: predicted.tpotMs };
  }
  if (measured.e2eMs === undefined || predicted.e2eMs === undefined) return undefined;
  return { measured: measured.e2eMs / meanOutput, predicted: predicted.e2eMs / meanOutput };
}

/** The constants of an era from all evidence of it; an unknown engine's where there is none. */
export function fitHost(era: EngineEra, evidence: readonly HostEvidence[]): HostConstants {
  const own = evidence.filter((each) => each.era === era);
  const known = PASS_KEYS.map((key) => UNKNOWN[key]);
  const pass = fitLeastAbsolute(
    own.flatMap(({ pass: equation }) => (equation === undefined ? [] : [equation])),
    known,
  );
  const [frontend] = fitLeastAbsolute(
    own.flatMap(({ frontend: equation }) => (equation === undefined ? [] : [equation])),
    [UNKNOWN.frontend],
  );
  const [perPass, perRequest, perDraw, perLayer, perLayerAndGpu] = pass;
  return {
    perPass: perPass!,
    perRequest: perRequest!,
    perDraw: perDraw!,
    perLayer: perLayer!,
    perLayerAndGpu: perLayerAndGpu!,
    frontend: frontend!,
  };
}
