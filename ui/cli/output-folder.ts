import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { renderReportMarkdown } from '#sim/report/render-markdown.ts';
import type { Report } from '#sim/report/report.ts';
import { requestLines } from '#sim/report/request-rows.ts';
import type { RequestTable } from '#sim/workload/request-table.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { writeLinesAtomically } from './atomic-lines.ts';

/** The file whose presence says that a folder holds a whole result: it is written last. */
const REPORT_FILE = 'report.json';

/** Refuses a folder that cannot take a result, before any work is spent on one. */
export function checkOutputFolder(folder: string, overwrite: boolean): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) {
    throw new InputError('output_unwritable', 'not a directory', {
      file: folder,
      remedy: 'name a folder for --output-dir; it is created when absent',
    });
  }
  if (overwrite || !existsSync(join(folder, REPORT_FILE))) return;
  throw new InputError('output_unwritable', 'there is a report already', {
    file: join(folder, REPORT_FILE),
    remedy: 'name another folder, or add --overwrite',
  });
}

/** Writes report.json, report.md, requests.jsonl and config.yaml; each appears whole or not at all. */
export function writeOutputFolder(folder: string, report: Report, requests: RequestTable): void {
  makeFolder(folder);
  writeFileAtomically(join(folder, 'config.yaml'), stringify(report.config));
  writeLinesAtomically(join(folder, 'requests.jsonl'), requestLines(requests));
  writeFileAtomically(join(folder, 'report.md'), renderReportMarkdown(report));
  writeFileAtomically(join(folder, REPORT_FILE), `${canonicalJson(report, 2)}\n`);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('output_unwritable', `cannot be created: ${reason}`, { file: folder });
  }
}
