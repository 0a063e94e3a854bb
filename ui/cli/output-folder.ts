import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { renderReportMarkdown } from '#sim/report/render-markdown.ts';
import type { Report } from '#sim/report/report.ts';
import { requestLines } from '#sim/report/request-rows.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { type OutputFile, writeFilesAtomically } from './atomic-files.ts';
import { EXPORT_FILES } from './exports/export-files.ts';
import { tryOutput } from './try-output.ts';

/** The file whose presence says that a folder holds a whole result: it is written last. */
const REPORT_FILE = 'report.json';

/** Workers that report.md lists. */
const WORKERS_IN_MARKDOWN = 16;

/** Every result has these; exports may stand beside them. */
const FILES = ['config.yaml', 'requests.jsonl', 'report.md', REPORT_FILE] as const;

/**
 * Refuses a folder that cannot take a result, before any work is spent on one. Files of the names
 * that a result has are replaced only with `overwrite`, only where they are one, and never when the
 * run reads one of them as its config.
 */
export function checkOutputFolder(
  folder: string,
  overwrite: boolean,
  configFile: string | undefined,
): void {
  const remedy = 'name a folder for --output-dir; it is created when absent';
  if (folder.trim() === '') {
    throw new InputError('usage', 'the name of the folder is empty', {
      file: '--output-dir',
      remedy,
    });
  }
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) {
    tryOutput(folder, folder);
    return;
  }
  if (!found.isDirectory()) {
    throw new InputError('output_unwritable', 'not a directory', { file: folder, remedy });
  }
  const existing = [...FILES, ...EXPORT_FILES]
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  if (existing.length > 0) refuseExisting(folder, existing, overwrite, configFile);
  tryOutput(folder, folder);
}

function refuseExisting(
  folder: string,
  existing: readonly string[],
  overwrite: boolean,
  configFile: string | undefined,
): void {
  const own = existing.find((path) => configFile !== undefined && isSameFile(path, configFile));
  if (own !== undefined) {
    throw new InputError('output_unwritable', 'the result would replace the config of this run', {
      file: own,
      remedy: 'name another folder',
    });
  }
  const complete =
    FILES.every((name) => existing.includes(join(folder, name))) &&
    isReport(join(folder, REPORT_FILE));
  if (!complete) {
    const names = existing.map((path) => basename(path)).join(', ');
    throw new InputError('output_unwritable', `${names} would be replaced, which is no result`, {
      file: folder,
      remedy: 'name another folder, or move what is there',
    });
  }
  if (overwrite) return;
  throw new InputError('output_unwritable', 'there is a report already', {
    file: join(folder, REPORT_FILE),
    remedy: 'name another folder, or add --overwrite',
  });
}

function isSameFile(path: string, other: string): boolean {
  const a = statSync(path);
  const b = statSync(other, { throwIfNoEntry: false });
  return a.ino === b?.ino && a.dev === b.dev;
}

function isReport(path: string): boolean {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && 'config_sha256' in value;
  } catch {
    return false;
  }
}

/**
 * Writes report.json, report.md, requests.jsonl, config.yaml and what was exported beside them: all of
 * them, or nothing. Exports of an earlier result that this one does not have are taken away after it.
 */
export function writeOutputFolder(
  folder: string,
  report: Report,
  { requests, handOffs, encode }: Pick<RunResult, 'requests' | 'handOffs' | 'encode'>,
  exports: readonly OutputFile[],
): void {
  const perWorker = (report.workers?.length ?? 0) <= WORKERS_IN_MARKDOWN;
  writeFilesAtomically([
    ...exports.map(({ path, content }) => ({ path: join(folder, path), content })),
    { path: join(folder, 'config.yaml'), content: stringify(report.config) },
    {
      path: join(folder, 'requests.jsonl'),
      content: requestLines(requests, handOffs, encode?.table),
    },
    { path: join(folder, 'report.md'), content: renderReportMarkdown(report, perWorker) },
    { path: join(folder, REPORT_FILE), content: `${canonicalJson(report, 2)}\n` },
  ]);
  const written = exports.map(({ path }) => path);
  for (const name of EXPORT_FILES.filter((known) => !written.includes(known))) {
    rmSync(join(folder, name), { force: true });
  }
}
