import { expect, test } from 'vitest';
import { reportAccuracy } from '#sim/accuracy/report.ts';
import type { MeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { accuracyJson } from './json.ts';
import { accuracyPage } from './page.ts';
import { accuracyMarkdown, accuracyTable } from './text.ts';

const rows: MeasuredRow[] = [1, 4, 16, 64].map((concurrency) => ({
  id: `point-${concurrency}`,
  family: 'own <lab>',
  source: 'https://example.org/lab',
  model: 'meta-llama/Llama-3.1-8B-Instruct',
  gpu: 'H100-SXM',
  tp: 1,
  engine: 'vllm',
  engine_version: '0.11.0',
  workload: { kind: 'closed-loop', concurrency, isl: 128, osl: 32, num_prompts: 64 },
  metrics: { tpot_mean_ms: 8 + 0.05 * concurrency, ttft_mean_ms: 40 },
}));
const report = reportAccuracy(rows, 1);

test('the table says how much was answered, what is missed and which points are worst', () => {
  const table = accuracyTable(report);
  expect(table).toContain('4 measured points, 4 answered (100.0 %)');
  expect(table).toMatch(/TPOT, all rows \(4\) +(met|missed) +median +≤ 7/);
  expect(table).toContain('own <lab>');
  expect(table).toContain(report.points[0]!.row.id);
});

test("of a user's own rows the error comes first, and no goal of the project is judged", () => {
  const own = rows.map(({ source: _, family: __, ...row }) => row);
  const judged = reportAccuracy(own, 1);
  const table = accuracyTable(judged);
  expect(table).toMatch(
    /^TPOT error: median [\d.]+ %, mean [\d.]+ %, p90 [\d.]+ % of 4 points\.\n4 measured points/,
  );
  expect(table).not.toContain('Targets');
  expect(accuracyPage(judged)).not.toContain('Targets');
});

test('Markdown and JSON list every point', () => {
  const { points } = JSON.parse(accuracyJson(report)) as { points: { id: string }[] };
  expect(points.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
  for (const { id } of rows) expect(accuracyMarkdown(report)).toContain(`| ${id} |`);
});

test('the page needs nothing from anywhere, and names in it are text', () => {
  const page = accuracyPage(report);
  expect(page).not.toMatch(/https?:|src=|<script|<link|@import|url\(/);
  expect(page).toContain('own &lt;lab&gt;');
  expect(page).not.toContain('<lab>');
  expect(page.match(/<svg/g)!.length).toBe(page.match(/<\/svg>/g)!.length);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
