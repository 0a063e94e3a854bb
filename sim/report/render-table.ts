import { detailTables, tenantsLeftOut } from './detail-tables.ts';
import {
  anomalyLines,
  factRows,
  hasThinPercentile,
  headline,
  latencyTable,
  THIN_NOTE,
} from './facts.ts';
import { freeTransferLines } from './free-transfers.ts';
import { gateTable, hasThinGate } from './gates/judge-gates.ts';
import type { Report } from './report.ts';
import { renderAligned } from './text-table.ts';

const NAME_WIDTH = 14;

/**
 * The report for a terminal, without colour: what was flown, latencies, facts, tenants, workers where
 * they are asked for, gates, what went wrong.
 */
export function renderReportTable(report: Report, perWorker: boolean): string {
  const lines = [headline(report), '', ...renderAligned(latencyTable(report.summary))];
  if (hasThinPercentile(report.summary)) lines.push(THIN_NOTE);
  lines.push('');
  for (const [name, text] of factRows(report)) lines.push(`${name.padEnd(NAME_WIDTH)}${text}`);
  for (const table of detailTables(report, perWorker)) lines.push('', ...renderAligned(table));
  const left = tenantsLeftOut(report);
  if (left !== undefined) lines.push(left);
  const gates = gateTable(report);
  if (gates !== undefined) lines.push('', ...renderAligned(gates));
  if (hasThinGate(report)) lines.push(THIN_NOTE);
  const anomalies = [...freeTransferLines(report), ...anomalyLines(report.summary)];
  if (anomalies.length > 0) lines.push('', ...anomalies.map((line) => `! ${line}`));
  return `${lines.join('\n')}\n`;
}
