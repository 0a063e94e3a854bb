import {
  type EngineEra,
  ERAS,
  type HostConstants,
  type HostFacts,
} from '#core/perf/host/host-time.ts';
import { fitHost, type HostEvidence, PASS_KEYS } from './host-fit.ts';

/** Evidence, and the groups that it is left out with. */
export interface GroupedEvidence {
  readonly gpuClass: string;
  readonly modelFamily: string;
  /** Of a flight with neutral constants. */
  readonly evidence: HostEvidence;
  /** Flies the point again, with these constants, and compares anew. */
  readonly flownWith: (constants: HostConstants) => HostEvidence;
}

/** The groupings of which one group at a time is left out. */
export const GROUPINGS = ['gpuClass', 'modelFamily'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** The groups of a point. */
export type Groups = Readonly<Record<Grouping, string>>;

/** Fewer equations than this leave a constant unknown. */
const LEAST_EQUATIONS = 10;

/** Constants of an era, from the evidence of every group but one. */
export class LeftOutConstants {
  readonly #evidence: readonly GroupedEvidence[];
  readonly #known = new Map<string, LeftOut>();

  constructor(evidence: readonly GroupedEvidence[]) {
    this.#evidence = evidence;
  }

  /**
   * Constants for a point, fitted without one of its groups. Where an engine was measured on one
   * class of GPUs alone, or with one family of models, nothing is left to fit without it: the other
   * group is left out instead.
   */
  without(
    grouping: Grouping,
    groups: Groups,
    era: EngineEra,
    { samples }: HostFacts,
  ): HostConstants {
    const isEnough = ({ equations, drawing }: LeftOut) =>
      (samples ? drawing : equations) >= LEAST_EQUATIONS;
    const wanted = this.#without(grouping, groups[grouping], era);
    if (isEnough(wanted)) return wanted.constants;
    const others = GROUPINGS.filter((other) => other !== grouping).map((other) =>
      this.#without(other, groups[other], era),
    );
    return (others.find(isEnough) ?? wanted).constants;
  }

  #without(grouping: Grouping, group: string, era: EngineEra): LeftOut {
    const key = `${grouping} ${group} ${era.name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const others = this.#evidence.filter(
      (each) => each[grouping] !== group && each.evidence.era === era,
    );
    const passes = others.flatMap(({ evidence }) => evidence.pass ?? []);
    const fitted = {
      constants: fitTwice(era, others),
      equations: passes.length,
      drawing: passes.filter(({ features }) => features[DRAWS]! > 0).length,
    };
    this.#known.set(key, fitted);
    return fitted;
  }
}

/**
 * How many requests run, and how many prompts wait, depends on the constants, too: a server without
 * them is faster than the one that was measured. What the neutral flights gave is therefore flown
 * again, by the same points and no others, and the constants are fitted to these flights. All
 * evidence is the era's own.
 */
function fitTwice(era: EngineEra, evidence: readonly GroupedEvidence[]): HostConstants {
  const first = fitHost(
    era,
    evidence.map((each) => each.evidence),
  );
  return fitHost(
    era,
    evidence.map(({ flownWith }) => flownWith(first)),
  );
}

/** A fit, and how many equations it rests on, of them such with drawn tokens. */
interface LeftOut {
  readonly constants: HostConstants;
  readonly equations: number;
  readonly drawing: number;
}

/** Where the equations say how many tokens are drawn. */
const DRAWS = PASS_KEYS.indexOf('perDraw');

/** The constants of each kind of engine: as shipped, and as all evidence has them. */
export interface EraFit {
  readonly era: string;
  readonly points: number;
  readonly shipped: HostConstants;
  readonly fitted: HostConstants;
}

/** Fits every era to all its evidence; eras without any are left out. */
export function fitEras(evidence: readonly GroupedEvidence[]): EraFit[] {
  return ERAS.flatMap((era) => {
    const own = evidence.filter((each) => each.evidence.era === era);
    const points = own.filter((each) => each.evidence.pass !== undefined).length;
    if (points === 0) return [];
    const { perPass, perRequest, perDraw, perLayer, perLayerAndGpu, frontend } = era;
    const shipped = { perPass, perRequest, perDraw, perLayer, perLayerAndGpu, frontend };
    return [{ era: era.name, points, shipped, fitted: fitTwice(era, own) }];
  });
}
