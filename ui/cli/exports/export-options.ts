import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { msToNs, type Ns } from '#core/base/time.ts';

export const EXPORT_KINDS = ['csv', 'parquet', 'perfetto', 'prometheus'] as const;

export type ExportKind = (typeof EXPORT_KINDS)[number];

/** What `addExportOptions` leaves in a verb's options. */
export interface ExportOptions {
  readonly export: readonly ExportKind[];
  /** Milliseconds. */
  readonly seriesStep?: number;
}

/** The step of the counters of a Perfetto trace where no series was asked for. */
const PERFETTO_STEP_MS = 100;

/** Adds `--export KINDS` and `--series-step MS`. */
export function addExportOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--export <kinds>',
        `more files for the folder, separated by commas: ${EXPORT_KINDS.join(', ')}`,
      )
        .argParser(parseKinds)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--series-step <ms>',
        'record the run over time, a row each step of simulated time',
      ).argParser(parseStep),
    );
}

/** A forward pass takes milliseconds: below this a step holds nothing, and only makes rows. */
const STEP_MIN_MS = 0.01;

function parseStep(text: string): number {
  const stepMs = Number(text);
  if (text.trim() !== '' && stepMs >= STEP_MIN_MS && Number.isFinite(stepMs)) return stepMs;
  throw new InvalidArgumentError(`allowed: a number from ${STEP_MIN_MS} up`);
}

function parseKinds(text: string, earlier: readonly ExportKind[]): readonly ExportKind[] {
  const kinds = text.split(',').map((name) => {
    const kind = EXPORT_KINDS.find((known) => known === name.trim());
    if (kind !== undefined) return kind;
    const nearest = nearestName(name.trim(), EXPORT_KINDS);
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    throw new InvalidArgumentError(`"${name}" is not one of ${EXPORT_KINDS.join(', ')}${hint}`);
  });
  return [...new Set([...earlier, ...kinds])];
}

/** Refuses options that would have no effect. */
export function checkExportOptions(
  { export: kinds, seriesStep }: ExportOptions,
  outputDir: string | undefined,
  format: string,
): void {
  if (outputDir !== undefined) return;
  if (kinds.length > 0) {
    throw new InputError('usage', 'has no effect: exports are files of a folder', {
      path: '--export',
      received: kinds.join(','),
      remedy: 'name the folder with --output-dir',
    });
  }
  if (seriesStep === undefined || format === 'json') return;
  throw new InputError('usage', 'has no effect: the series go into JSON and into a folder', {
    path: '--series-step',
    received: seriesStep,
    remedy: 'add --output-dir or --format json',
  });
}

/** The step at which the run must be recorded, undefined when nobody wants to know. */
export function timelineStepNs({ export: kinds, seriesStep }: ExportOptions): Ns | undefined {
  if (seriesStep !== undefined) return Math.max(1, msToNs(seriesStep));
  return kinds.includes('perfetto') ? msToNs(PERFETTO_STEP_MS) : undefined;
}
