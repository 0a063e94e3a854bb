import { detailTables, tenantsLeftOut } from './detail-tables.ts';
import {
  anomalyLines,
  factRows,
  hasThinPercentile,
  headline,
  latencyTable,
  THIN_NOTE,
} from './facts.ts';
import { formatCount, formatNumber } from './format.ts';
import { freeTransferLines } from './free-transfers.ts';
import { gateTable, hasFailedGate } from './gates/judge-gates.ts';
import type { Report } from './report.ts';
import { renderMarkdownTable } from './text-table.ts';

/** The report as a Markdown page, fit for a pull request: what was to hold comes first. */
export function renderReportMarkdown(report: Report, perWorker: boolean): string {
  const lines = ['# Windtunnel replay', '', ...gateLines(report), headline(report), ''];
  lines.push(...renderMarkdownTable(latencyTable(report.summary)), '');
  // A star at the start of a line would open a list.
  if (hasThinPercentile(report.summary)) lines.push(`\\${THIN_NOTE}`, '');
  lines.push(...factRows(report).map(([name, text]) => `- **${name}**: ${text}`), '');
  for (const table of detailTables(report, perWorker))
    lines.push(...renderMarkdownTable(table), '');
  const left = tenantsLeftOut(report);
  if (left !== undefined) lines.push(left, '');
  const free = freeTransferLines(report);
  if (free.length > 0) lines.push(...free, '');
  const anomalies = anomalyLines(report.summary);
  if (anomalies.length > 0) lines.push('## Anomalies', '', ...anomalies.map((a) => `- ${a}`), '');
  lines.push(`Config \`${report.config_sha256}\`, trace \`${report.trace.sha256}\`.`);
  return `${lines.join('\n')}\n`;
}

/** The verdict and its table, or nothing where no gate was asked for. */
function gateLines(report: Report): readonly string[] {
  const table = gateTable(report);
  if (table === undefined) return [];
  const failed = report.gates?.filter(({ passed }) => !passed).length ?? 0;
  const total = formatNumber(table.rows.length, 'gate');
  const verdict = hasFailedGate(report)
    ? `${formatCount(failed)} of ${total} failed`
    : `${total} passed`;
  return [`**${verdict}**`, '', ...renderMarkdownTable(table), ''];
}
