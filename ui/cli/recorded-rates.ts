import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import { readRateWindows } from '#traces/servegen-files.ts';

/** The recording that a config's rate follows, and what it is known by. */
export interface RecordedRates {
  readonly path: string;
  /** Of the file's bytes as they lie on disk. */
  readonly sha256: string;
  readonly windows: readonly RateWindow[];
}

/** Reads the file that `workload.rate_shape` names; undefined where the rate is not recorded. */
export async function readRates({ workload }: ResolvedConfig): Promise<RecordedRates | undefined> {
  const shape = workload.rate_shape;
  if (shape?.type !== 'recorded') return undefined;
  const windows = await readRateWindows(shape.file);
  const sha256 = createHash('sha256').update(readFileSync(shape.file)).digest('hex');
  return { path: shape.file, sha256, windows };
}
