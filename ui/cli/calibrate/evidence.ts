import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '#core/base/errors.ts';
import {
  isLoggedStep,
  readForwardPassMetrics,
  readLoggedSteps,
  type StepRow,
  type TextLine,
} from '#core/perf/calibration/step-evidence.ts';
import type { RecordedServer } from '#sim/calibrate/fly-recorded.ts';
import { readRecordedRun } from '#sim/calibrate/read-recorded-run.ts';
import type { RecordedRun } from '#sim/calibrate/recorded-run.ts';

/** Lines of a file, plain or gzipped, blank ones left out, with their numbers from 1. */
export function readLines(path: string, option: string): TextLine[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new InputError('input_missing', (error as Error).message, { path: option });
  }
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const lines = (isZipped ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => text.trim() !== '');
  if (lines.length > 0) return lines;
  throw new InputError('evidence_invalid', 'this file is empty', { file: path });
}

/** The requests of the run whose steps a file holds, where they lie beside it. */
export function requestsBeside(stepsPath: string): string | undefined {
  if (!/\.steps\.jsonl(\.gz)?$/.test(stepsPath)) return undefined;
  const path = stepsPath.replace(/\.steps\.jsonl/, '.requests.jsonl');
  return existsSync(path) ? path : undefined;
}

/** A recording by its file; the name says the folder, too, as runs of one name differ by it. */
export function readRun(path: string, option: string): RecordedRun {
  const run = readRecordedRun(readLines(path, option), path);
  const folder = basename(path.slice(0, -basename(path).length));
  const name = basename(path).replace(/(\.requests)?\.jsonl?(\.gz)?$/, '');
  return { ...run, name: folder === '' ? name : `${folder}/${name}` };
}

/** Steps by their file. What vLLM logs gives the cache in percent: `server` says of how much. */
export function readSteps(path: string, server: Partial<RecordedServer>): StepRow[] {
  const lines = readLines(path, '--from-steps');
  if (!isLoggedStep(lines[0]!.text)) return readForwardPassMetrics(lines, path);
  const { kvBlocks, blockSize } = server;
  if (kvBlocks === undefined || blockSize === undefined) {
    throw new InputError('usage', 'logged steps give the KV cache in percent: of how much?', {
      path: kvBlocks === undefined ? '--num-gpu-blocks' : '--block-size',
      remedy: 'or lay the requests of the run beside it, as NAME.requests.jsonl',
    });
  }
  return readLoggedSteps(lines, path, { blocks: kvBlocks, blockSize });
}
