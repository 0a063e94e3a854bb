import { InputError } from '#core/base/errors.ts';
import {
  CONSTANT_FACTS,
  type ConstantFacts,
  type ConstantName,
  type Constants,
} from './constants.ts';
import { type FitOptions, huberFit, type Unknown } from './huber-fit.ts';

/** Predictions of every observation under some constants. */
export type Model = (constants: Constants) => Float64Array;

/** A constant after a fit. */
export interface FittedConstant {
  readonly name: ConstantName;
  readonly value: number;
  /** One standard deviation, in the constant's unit. */
  readonly deviation: number;
}

/** Constants that were asked for, fitted, and all others as they were. */
export interface ConstantFit {
  readonly constants: Constants;
  readonly fitted: readonly FittedConstant[];
  /** Typical relative error of one observation. */
  readonly scale: number;
}

/** Another fit to almost the same observations, close to which this one is; it was not refused. */
export interface Near {
  readonly constants: Constants;
  readonly rounds: number;
}

/** How far constants may lie from their defaults, by name; those of `CONSTANT_FACTS` where absent. */
export type Spreads = Readonly<Partial<Record<ConstantName, number>>>;

/** What else a fit is told. */
export interface FitConditions {
  readonly near?: Near;
  readonly spreads?: Spreads;
  /** Of which kind each observation is, from 0: kinds that are less certain pull less. */
  readonly kinds?: ArrayLike<number>;
  /** As of `FitOptions`. */
  readonly slopeShare?: number;
  /** Constants that evidence does not tell stay at their defaults, which are worth something there. */
  readonly holdsUntold?: true;
}

/** A constant of which evidence leaves more than this share of the prior's spread is not known. */
const KNOWN_SHARE = 0.5;

/**
 * Fits the constants of `names` to observations, the others held; an optional one that they do not
 * tell is held, too, or any where the conditions say so. Throws an InputError with code
 * `calibration_unidentified` that names each other constant the observations say nothing of, and
 * what would; or all, where they tell none.
 */
export function fitConstants(
  model: Model,
  observed: ArrayLike<number>,
  defaults: Constants,
  names: readonly ConstantName[],
  conditions: FitConditions = {},
): ConstantFit {
  const { near, spreads = {}, holdsUntold, kinds, slopeShare } = conditions;
  const facts = CONSTANT_FACTS.filter(({ name }) => names.includes(name)).map((each) => ({
    ...each,
    spread: spreads[each.name] ?? each.spread,
  }));
  const constantsOf = (values: readonly number[]): Constants => ({
    ...defaults,
    ...Object.fromEntries(facts.map((each, index) => [each.name, fromFit(each, values[index]!)])),
  });
  const fit = huberFit(
    (values) => model(constantsOf(values)),
    observed,
    facts.map((each) => unknownOf(each, defaults)),
    {
      ...(near && optionsNear(near, facts)),
      ...(kinds && { kinds }),
      ...(slopeShare !== undefined && { slopeShare }),
    },
  );
  const unknown = facts.filter(
    ({ spread }, index) => fit.deviations[index]! > KNOWN_SHARE * spread,
  );
  if (unknown.length > 0 && near === undefined) {
    const held = holdsUntold
      ? [leastTold(facts, fit.deviations)]
      : unknown.filter(({ optional }) => optional).map(({ name }) => name);
    const others = names.filter((name) => !held.includes(name));
    if (held.length === 0 || others.length === 0) throw unidentified(unknown);
    return fitConstants(model, observed, defaults, others, conditions);
  }
  const constants = constantsOf(fit.values);
  return {
    constants,
    scale: fit.scale,
    fitted: facts.map(({ name, scale }, index) => {
      const deviation = fit.deviations[index]!;
      const value = constants[name];
      return { name, value, deviation: scale === 'linear' ? deviation : value * deviation };
    }),
  };
}

/** The constant of which evidence says least; one held may be what tells the others apart. */
function leastTold(facts: readonly ConstantFacts[], deviations: readonly number[]): ConstantName {
  const shares = facts.map(({ spread }, index) => deviations[index]! / spread);
  return facts[shares.indexOf(Math.max(...shares))]!.name;
}

function optionsNear({ constants, rounds }: Near, facts: readonly ConstantFacts[]): FitOptions {
  const start = facts.map(({ name, scale }) =>
    scale === 'linear' ? constants[name] : Math.log(constants[name]),
  );
  return { start, rounds };
}

function unknownOf({ name, spread, scale }: ConstantFacts, defaults: Constants): Unknown {
  if (scale === 'linear') return { prior: defaults[name], spread, least: 0 };
  return { prior: Math.log(defaults[name]), spread, least: Number.NEGATIVE_INFINITY };
}

function fromFit({ scale }: ConstantFacts, value: number): number {
  return scale === 'linear' ? value : Math.exp(value);
}

function unidentified(unknown: readonly ConstantFacts[]): InputError {
  const names = unknown.map(({ name }) => name);
  const needs = unknown.map(({ name, identifiedBy }) => `${name} needs ${identifiedBy}`);
  return new InputError('calibration_unidentified', 'these records do not tell it', {
    path: names.join(', '),
    remedy: `${needs.join('; ')}; or keep the default: ${names.map((name) => `--keep ${name}`).join(' ')}`,
  });
}
