import { stderr } from 'node:process';
import { type Command, Option } from 'commander';
import { configKeys } from '#core/config/keys.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { readTraceFile } from '#traces/files.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';
import { refuseIdleSettings } from './idle-settings.ts';
import { checkMemory } from './memory.ts';
import { addShortFlags } from './short-flags.ts';

/** What `addFlightOptions` leaves in a verb's options; the short flags are read by their table. */
export interface FlightOptions<Format extends string> extends ConfigOptions {
  readonly format: Format;
  readonly quiet?: boolean;
}

/** Adds what `replay` and `compare` share: config, short flags, format, progress. */
export function addFlightOptions(command: Command, formats: readonly string[]): Command {
  addShortFlags(addConfigOptions(command));
  return command
    .addOption(
      new Option('--format <format>', 'form of the result').choices(formats).default('table'),
    )
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', keysHelp);
}

/**
 * Reads the trace that a config asks for, only what the run will use of it, and says on stderr what
 * the reader dropped or decided.
 */
export async function loadTrace(path: string, config: ResolvedConfig): Promise<LoadedTrace> {
  const { cluster, workload } = config;
  // What no trace makes smaller need not wait for one to be read.
  checkMemory({ workers: cluster.workers, requests: 0 });
  const trace = await readTraceFile(path, {
    format: workload.trace_format,
    traceBlockSize: workload.trace_block_size,
    ...(workload.num_requests === undefined ? {} : { limit: workload.num_requests }),
    requireTimestamps: workload.concurrency === undefined && workload.arrivals === 'trace',
  });
  refuseIdleSettings(trace, config);
  for (const note of trace.notes) stderr.write(`note: ${note}\n`);
  return trace;
}

/** Every key of the config with its default, from the schema. */
function keysHelp(): string {
  const paths = configKeys().map(({ path }) => path);
  const keys = configKeys().filter(({ path }, index) => paths.indexOf(path) === index);
  const width = Math.max(...keys.map(({ path }) => path.length));
  const lines = keys.map(({ path, defaultValue, allowed }) => {
    const text = defaultValue === undefined ? allowed : `${allowed} [${String(defaultValue)}]`;
    return `  ${path.padEnd(width)}  ${text}`;
  });
  return [
    '',
    'Keys for --set and --config, with what is allowed and [the default]',
    '(`windtunnel config init` writes them all with their meaning):',
    ...lines,
  ].join('\n');
}
