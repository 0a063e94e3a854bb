import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import {
  isLoggedStep,
  readForwardPassMetrics,
  readLoggedSteps,
  type StepRow,
} from '#core/perf/calibration/step-evidence.ts';
import type { RecordedServer } from '#sim/calibrate/fly-recorded.ts';
import { readRecordedRun } from '#sim/calibrate/read-recorded-run.ts';
import type { RecordedRun } from '#sim/calibrate/recorded-run.ts';
import { linesOf, readBytes, readTextLines } from '../text-lines.ts';
import { readMetricRows } from './metric-rows.ts';

/** Enough to tell the form of a file by. */
const HEAD_BYTES = 64;

/** The requests of the run whose steps a file holds, where they lie beside it. */
export function requestsBeside(stepsPath: string): string | undefined {
  if (!/\.steps\.jsonl(\.gz)?$/.test(stepsPath)) return undefined;
  const path = stepsPath.replace(/\.steps\.jsonl/, '.requests.jsonl');
  return existsSync(path) ? path : undefined;
}

/** How many files of a folder an error names. */
const NAMED_FILES = 4;

/** Refuses a folder in place of a file, with the files in it that could be meant. */
export function refuseFolder(flag: '--from-steps' | '--from-requests', path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const form = flag === '--from-steps' ? 'steps' : 'requests';
  const files = readdirSync(path)
    .filter((name) => name.includes(`.${form}.`))
    .sort();
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : '';
  const named = files.slice(0, NAMED_FILES).map((name) => join(path, name));
  throw new InputError('usage', 'this is a folder; a calibration is fitted to one recording', {
    path: flag,
    received: path,
    allowed:
      files.length > 0
        ? `one file of it: ${named.join(', ')}${more}`
        : `a file; no NAME.${form}.jsonl lies in this folder`,
  });
}

/** A recording by its file; the name says the folder, too, as runs of one name differ by it. */
export function readRun(path: string): RecordedRun {
  const run = readRecordedRun(readTextLines(path), path);
  const folder = basename(path.slice(0, -basename(path).length));
  const name = basename(path).replace(/(\.requests)?\.jsonl?(\.gz)?$/, '');
  return { ...run, name: folder === '' ? name : `${folder}/${name}` };
}

/** Steps by their file. What vLLM logs gives the cache in percent: `server` says of how much. */
export function readSteps(path: string, server: Partial<RecordedServer>): StepRow[] {
  const bytes = readBytes(path);
  if (!isLoggedStep(bytes.subarray(0, HEAD_BYTES).toString('utf8'))) {
    return readForwardPassMetrics(readMetricRows(path), path);
  }
  const lines = linesOf(bytes, path);
  const { kvBlocks, blockSize } = server;
  if (kvBlocks === undefined || blockSize === undefined) {
    throw new InputError('usage', 'logged steps give the KV cache in percent: of how much?', {
      path: kvBlocks === undefined ? '--num-gpu-blocks' : '--block-size',
      remedy: 'or lay the requests of the run beside it, as NAME.requests.jsonl',
    });
  }
  return readLoggedSteps(lines, path, { blocks: kvBlocks, blockSize });
}
