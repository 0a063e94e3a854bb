import { expect, test } from 'vitest';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { csvLine } from './csv-line.ts';
import { formatCount, formatNumber, formatQuantity, formatSigned, formatSpan } from './format.ts';
import { withGates } from './gates/judge-gates.ts';
import { parseGate } from './gates/parse-gate.ts';
import { renderReportCsv } from './render-csv.ts';
import { renderReportMarkdown } from './render-markdown.ts';
import { renderReportTable } from './render-table.ts';
import { buildReport, type Report, withHost } from './report.ts';
import { requestLines, requestRow } from './request-rows.ts';
import { handRun } from './run-result.fixture.ts';

const GOLDEN = '../../test/golden/report';

const result = handRun(
  [
    { arrivalMs: 0, admitMs: 5, tokensMs: [50, 60, 75, 95], inputTokens: 1200, reused: [512, 512] },
    { arrivalMs: 10, admitMs: 80, tokensMs: [120, 140], inputTokens: 900, admissions: 2 },
    { arrivalMs: 20, terminalMs: 20, status: 'rejected', inputTokens: 90_000 },
    { arrivalMs: 30, admitMs: 31, terminalMs: 66, inputTokens: 100, session: 'a, "b"' },
  ],
  {
    workers: 2,
    passes: 9,
    preemptions: 1,
    committedPrefillTokens: 2588,
    peakKvBlocks: 33,
    totalKvBlocks: 64,
  },
);

function goldenReport(): Report {
  const config = resolveConfig({ slo: { ttft_ms: 100, itl_ms: 25 }, cluster: { workers: 2 } });
  const report = buildReport(result, {
    config,
    configSha256: 'c'.repeat(64),
    seed: 42,
    trace: { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 4 },
  });
  return withHost(report, 0.5, 'v24.0.0');
}

test('the forms of a report are as they were approved', async () => {
  const report = goldenReport();
  await expect(renderReportTable(report, true)).toMatchFileSnapshot(`${GOLDEN}/table.txt`);
  await expect(renderReportMarkdown(report, false)).toMatchFileSnapshot(`${GOLDEN}/markdown.txt`);
  await expect(renderReportCsv(report)).toMatchFileSnapshot(`${GOLDEN}/csv.txt`);
  await expect(`${canonicalJson(report, 2)}\n`).toMatchFileSnapshot(`${GOLDEN}/json.txt`);
});

test('gates come first in Markdown, and after the facts in a terminal', async () => {
  const gates = ['ttft_ms.p99<=100', 'goodput.ratio >= 0.2', 'tenants.x.completed>0'];
  const report = withGates(goldenReport(), gates.map(parseGate));
  await expect(renderReportMarkdown(report, false)).toMatchFileSnapshot(`${GOLDEN}/gates.md.txt`);
  await expect(renderReportTable(report, false)).toMatchFileSnapshot(`${GOLDEN}/gates.txt`);
});

test('requests are written one a line, in the order of the trace', async () => {
  const text = [...requestLines(result.requests)].join('');
  await expect(text).toMatchFileSnapshot(`${GOLDEN}/requests.txt`);
});

test('a request names its tenant where it has one', () => {
  const { requests } = handRun([{ arrivalMs: 0, tenant: 'free' }, { arrivalMs: 0 }]);
  expect(requestRow(requests, 0)).toMatchObject({ tenant: 'free' });
  expect(requestRow(requests, 1)).not.toHaveProperty('tenant');
});

test('spans beyond a day are said in days, and one request is one', () => {
  expect(formatSpan(23.9 * 3_600_000)).toBe('23 h 54 min');
  expect(formatSpan(53 * 3_600_000)).toBe('2 d 5 h');
  expect(['request', 'worker'].map((noun) => formatNumber(1, noun))).toEqual([
    '1 request',
    '1 worker',
  ]);
  expect(formatNumber(2_000, 'request')).toBe('2,000 requests');
});

test('a CSV cell with a comma, a quote or a line break is quoted', () => {
  expect(csvLine(['a,b', 'say "x"', undefined, 2.5, 'two\nlines'])).toBe(
    '"a,b","say ""x""",,2.5,"two\nlines"\n',
  );
});

test('numbers are written with the digits that a reader can use', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(999)).toBe('999');
  const quantities = [12_345.6, 123.45, 12.345, 0.012345, 0, -1234.5];
  expect(quantities.map(formatQuantity)).toEqual([
    '12,346',
    '123.5',
    '12.35',
    '0.0123',
    '0.00',
    '-1,235',
  ]);
  expect([850, 12_340, 3_548_000, 10_920_000].map(formatSpan)).toEqual([
    '850.0 ms',
    '12.3 s',
    '59 min 8 s',
    '3 h 2 min',
  ]);
});

test('a change has its sign, and nothing has none', () => {
  const changes = [3, -0.5, 0].map((change) => formatSigned(change, formatQuantity));
  expect(changes).toEqual(['+3.00', '−0.500', '0.00']);
});
