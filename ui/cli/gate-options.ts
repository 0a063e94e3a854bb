import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { type Gate, parseGate } from '#sim/report/gates/parse-gate.ts';
import { hasSlo } from '#sim/report/goodput.ts';
import { tryOutput } from './try-output.ts';

/** What `addGateOptions` leaves in a verb's options. */
export interface GateOptions {
  readonly gate: readonly Gate[];
  readonly summaryMd?: string;
}

/** Adds `--gate METRIC OP VALUE`, which may be given many times, and `--summary-md FILE`. */
export function addGateOptions(command: Command): Command {
  const gate = new Option(
    '--gate <metric op value>',
    "what must hold, as often as needed, such as 'ttft_ms.p99<=500'; exit code 1 if it does not",
  )
    .argParser((text: string, earlier: readonly Gate[]) => [...earlier, parseGate(text)])
    .default([], 'none');
  return command
    .addOption(gate)
    .option('--summary-md <file>', 'write the report as Markdown for a pull request, gates first');
}

/** Refuses what can be known to be wrong before the flight. */
export function checkGateOptions(
  { gate, summaryMd }: GateOptions,
  config: ResolvedConfig,
  overwrite: boolean,
): void {
  const good = gate.find(({ metric }) => metric.startsWith('goodput.'));
  if (good !== undefined && !hasSlo(config.slo)) {
    throw new InputError('usage', 'there is no goodput without an objective', {
      path: '--gate',
      received: good.text,
      remedy: 'say what is good: --ttft, --itl or --e2e',
    });
  }
  if (summaryMd !== undefined) checkSummaryPath(summaryMd, overwrite);
}

/** A file with something in it is replaced only with --overwrite. */
function checkSummaryPath(path: string, overwrite: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && (found.size === 0 || overwrite))) {
    tryOutput(dirname(path), path);
    return;
  }
  throw new InputError(
    'output_unwritable',
    found.isFile() ? 'there is a file already' : 'not a file',
    {
      file: path,
      remedy: found.isFile() ? 'name another file, or add --overwrite' : 'name a file',
    },
  );
}
