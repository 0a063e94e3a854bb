import { Draw } from './draw.ts';
import { FEATURES } from './features/registry.ts';
import { Flight } from './flight.ts';

/** How likely a feature is in a flight: most flights have few, used strongly, and some have many. */
const DENSITIES = [0.04, 0.1, 0.1, 0.2, 0.2, 0.4, 0.7];

/** A flight, and what each feature that it has wrote. */
export interface Drawn {
  readonly flight: Flight;
  readonly features: readonly LaidFeature[];
}

export interface LaidFeature {
  readonly name: string;
  /** Keys that it wrote; one that wrote none changed the traffic. */
  readonly keys: readonly string[];
}

/** The names of the features of a seed: the mix is drawn, too. */
export function drawMix(seed: number): readonly string[] {
  const draw = new Draw(seed, 'mix');
  const density = draw.pick(DENSITIES);
  return FEATURES.filter(({ always, weight = 1 }) => {
    return draw.chance(Math.min(0.9, density * weight)) || always === true;
  }).map(({ name }) => name);
}

/**
 * Draws the flight of a seed with the features of a mix. Each feature draws from a stream of its own,
 * so a flight without one of them is the same flight otherwise.
 */
export function drawFlight(seed: number, mix: readonly string[] = drawMix(seed)): Drawn {
  const flight = new Flight(seed);
  const laid: LaidFeature[] = [];
  for (const feature of FEATURES) {
    if (!mix.includes(feature.name) || feature.fits?.(flight) === false) continue;
    const before = new Map(flight.settings);
    feature.lay(flight, new Draw(seed, feature.name));
    const keys = [...flight.settings.keys()].filter(
      (path) => before.get(path) !== flight.settings.get(path),
    );
    laid.push({ name: feature.name, keys });
  }
  return { flight, features: laid };
}
