import { parseArgs } from 'node:util';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { PROPERTY_SEED } from '../property-seed.ts';

/** Clusters of a whole swarm. */
const RUNS = 10_000;
/** Requests a second of a soak. */
const SOAK_RATE = 200;

export const USAGE = `Usage: npm run test:swarm [-- --runs N --seed S --keep-going --live --soak TIME --rate N]

Flies random clusters, whose mix of features is drawn, too, and holds every law of test/swarm/laws
against each: requests, tokens and blocks conserved, time, leaping = stepping, same seed = same bytes.

  --runs N      clusters to fly (default ${RUNS}, or 1 with --seed)
  --seed S      seed of the first; the others have the next ones (default ${PROPERTY_SEED})
  --keep-going  tell of each cluster that breaks a law in a line, and fly all the others, too
  --live        damaged inputs for the live half instead of clusters, as many as --runs says
  --soak TIME   a live router under load and faults for so long instead, such as 3m or 90s
  --rate N      requests a second of a soak (default ${SOAK_RATE})
  --help        this

Examples:
  npm run test:swarm                          the whole swarm
  npm run test:swarm -- --seed 20300          one cluster again
  npm run test:swarm -- --runs 500 --seed 1   a swarm of your own
  npm run test:swarm -- --keep-going          every seed that breaks a law
  npm run test:swarm -- --live --runs 1000000 a million damaged requests, answers and streams
  npm run test:swarm -- --soak 30m            1,000 faults in half an hour, and as dense in a shorter one`;

export interface SwarmArguments {
  readonly runs: number;
  readonly seed: number;
  /** A breach ends nothing; each is told in a line. */
  readonly keepGoing: boolean;
  /** Inputs for the live half are drawn, no clusters. */
  readonly live?: true;
  /** A live router is soaked, no clusters are drawn. */
  readonly soak?: { readonly durationMs: number; readonly ratePerS: number };
}

/** What the command line asks for; undefined where it asks for help. */
export function parseArguments(args: readonly string[]): SwarmArguments | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const help = { ...flag, short: 'h' } as const;
  const swarm = { runs: text, seed: text, 'keep-going': flag, live: flag, help } as const;
  const options = { ...swarm, soak: text, rate: text } as const;
  refuseUnknown(args, Object.keys(options));
  const { values } = parse(args, options);
  if (values.help) return undefined;
  const { seed, runs = seed === undefined ? `${RUNS}` : '1' } = values;
  return {
    runs: wholeNumber('--runs', runs, 1),
    seed: seed === undefined ? PROPERTY_SEED : wholeNumber('--seed', seed, 0),
    keepGoing: values['keep-going'] ?? false,
    ...(values.live && { live: true }),
    ...soakOf(values.soak, values.rate),
  };
}

function soakOf(
  duration: string | undefined,
  rate: string | undefined,
): Pick<SwarmArguments, 'soak'> {
  if (duration === undefined) {
    if (rate === undefined) return {};
    const remedy = 'leave it out, or set --soak';
    throw new InputError('usage', 'without --soak it has no effect', { path: '--rate', remedy });
  }
  const ratePerS = wholeNumber('--rate', rate ?? `${SOAK_RATE}`, 1);
  return { soak: { durationMs: milliseconds('--soak', duration), ratePerS } };
}

function milliseconds(path: string, text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  const ms = Number(count) * { s: 1e3, m: 6e4, h: 3.6e6 }[(unit ?? 's') as 's' | 'm' | 'h'];
  if (ms > 0) return ms;
  const allowed = 'a time above 0, such as 90s, 3m or 1h';
  throw new InputError('usage', 'bad value', { path, received: text, allowed });
}

function parse<T extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options: options ?? {} }) as {
      values: {
        runs?: string;
        seed?: string;
        'keep-going'?: boolean;
        live?: boolean;
        help?: boolean;
        soak?: string;
        rate?: string;
      };
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError('usage', message, { remedy: 'see --help' });
  }
}

function refuseUnknown(args: readonly string[], known: readonly string[]): void {
  for (const argument of args) {
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new InputError('usage', 'unknown option', {
      received: argument,
      allowed: known.map((option) => `--${option}`).join(', '),
      ...(nearest === undefined ? {} : { nearest: `--${nearest}` }),
    });
  }
}

function wholeNumber(path: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  const allowed = `a whole number from ${least} up`;
  throw new InputError('usage', 'bad value', { path, received: text, allowed });
}
