import type { AccuracyReport } from '#sim/accuracy/report.ts';
import { curvePlots, errorPlot, scatterPlot } from './plots.ts';
import { DISCIPLINE, headline, isBad, type Section, sectionsOf } from './sections.ts';
import { escapeMarkup } from './svg.ts';

/** Curves on the page, those with the worst shape. */
const CURVES = 12;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #68707a; --line: #d8dde3; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #98a1ab; --line: #353b43; --paper: #14171b; } }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } p { color: var(--soft); max-width: 60rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th.word, td.word { text-align: left; } .missed { color: #c2410c; font-weight: 600; } .met { color: #15803d; }
.plots { display: flex; flex-wrap: wrap; gap: 1.2rem; } figure { margin: 0; } figcaption { font-size: 12px; color: var(--soft); max-width: 22rem; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } svg .axis { stroke: var(--line); } svg .even { stroke: var(--soft); stroke-dasharray: 4 3; }
`;

/** A report as a page that needs nothing but itself: tables, plots, every point. */
export function accuracyPage(report: AccuracyReport): string {
  const sections = sectionsOf(report, report.points.length);
  const [targets, ...others] = sections;
  const points = others.pop()!;
  const bad = report.points.filter((point) => isBad(point)).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Accuracy of Windtunnel's estimates</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Accuracy of Windtunnel's estimates</h1>
<p>${escapeMarkup(`${headline(report)} ${DISCIPLINE}`)}</p>
${tableOf(targets!)}
<h2>Predicted against measured</h2>
<div class="plots">
${scatterPlot(report.points, 'tpotMs', 'TPOT, ms')}
${scatterPlot(report.points, 'ttftMs', 'TTFT of unsaturated rows, ms')}
${errorPlot(report.points)}
</div>
<h2>Time per token over load: the ${Math.min(CURVES, report.curves.length)} curves with the worst shape</h2>
<div class="plots">
${curvePlots(report.curves.slice(0, CURVES))}
</div>
${others.map((section) => tableOf(section)).join('\n')}
<p>${bad} of ${report.points.length} points have no answer or are off by more than a quarter.</p>
${tableOf(points)}
</body>
</html>
`;
}

function tableOf({ title, note, head, words, rows }: Section): string {
  const cell = (tag: 'td' | 'th') => (text: string, column: number) => {
    const kind = text === 'met' || text === 'missed' ? ` ${text}` : '';
    const word = column < words ? ` class="word${kind}"` : '';
    return `<${tag}${word}>${escapeMarkup(text)}</${tag}>`;
  };
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map(cell(tag)).join('')}</tr>`;
  return `<h2>${escapeMarkup(title)}</h2>
${note === undefined ? '' : `<p>${escapeMarkup(note)}</p>`}
<div class="wide"><table>
<thead>${line(head, 'th')}</thead>
<tbody>
${rows.map((row) => line(row, 'td')).join('\n')}
</tbody>
</table></div>`;
}
