import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError } from '#core/base/errors.ts';
import { sharedPath } from '../shared.ts';

export const USAGE = `Usage: npm run parity -- [options] [FILE…]

Flies recorded runs of NVIDIA Dynamo's replay through Windtunnel and compares them, metric by
metric. FILE is a case or a folder of cases; without one all cases of the reference data are flown.

  --traces DIR           folder that the traces of the cases are taken from
  --shared DIR           folder of reference data (default: ../shared beside the repository)
  --format table|json    what to print (default: table)
  --seeds N              runs of ours behind a statistical case (default: 5)
  --verbose              print every metric of every case, not only the main and differing ones

Exit codes: 0 all within tolerance, 1 a case is beyond it, 2 bad input.`;

export interface ParityOptions {
  readonly paths: readonly string[];
  readonly tracesFolder: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly seeds: number;
}

/**
 * The command line of `npm run parity`; undefined when help is asked for.
 *
 * @throws InputError for an option that does not exist and a value that cannot be used
 */
export function parseOptions(args: readonly string[]): ParityOptions | undefined {
  const { values, positionals } = parseOrExplain(args);
  if (values.help) return undefined;
  const format = values.format ?? 'table';
  if (format !== 'table' && format !== 'json') {
    const options = { path: '--format', received: format, allowed: 'table, json' };
    throw new InputError('usage', 'no such format', options);
  }
  const seeds = Number(values.seeds ?? 5);
  if (!Number.isInteger(seeds) || seeds < 1) {
    const options = { path: '--seeds', received: values.seeds, allowed: 'a whole number from 1' };
    throw new InputError('usage', 'bad value', options);
  }
  const below = (...parts: readonly string[]): string => {
    const path = values.shared === undefined ? sharedPath(...parts) : join(values.shared, ...parts);
    if (path !== undefined) return path;
    throw new InputError('input_missing', `no ${parts.join('/')} in the reference data`, {
      remedy: 'lay the shared folder beside the repository or name it with --shared DIR',
    });
  };
  const named = positionals.length > 0;
  const paths = named ? positionals : [below('parity', 'micro'), below('parity', 'macro')];
  const tracesFolder = values.traces ?? (named ? sharedTraces(values.shared) : below('traces'));
  const { verbose = false } = values;
  return { paths, tracesFolder, json: format === 'json', verbose, seeds };
}

/** Cases that bring their requests along need no traces, so their absence shows only on use. */
function sharedTraces(shared: string | undefined): string {
  return shared === undefined ? (sharedPath('traces') ?? 'traces') : join(shared, 'traces');
}

function parseOrExplain(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        traces: { type: 'string' },
        shared: { type: 'string' },
        format: { type: 'string' },
        seeds: { type: 'string' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError('usage', message, { remedy: 'see --help' });
  }
}
