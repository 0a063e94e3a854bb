import type { JudgedPoint } from '#sim/accuracy/judge.ts';
import { errorOf } from '#sim/accuracy/report.ts';
import type { Curve } from '#sim/accuracy/shape.ts';
import { percent } from './sections.ts';
import { escapeMarkup, FRAME, logShare, picture, place, type Tick, tens } from './svg.ts';

/** Told apart by those who see no colours by the titles of the marks, and in the tables. */
const COLOURS = [
  '#2563eb',
  '#d97706',
  '#059669',
  '#db2777',
  '#7c3aed',
  '#0891b2',
  '#65a30d',
  '#64748b',
];

function coloursOf(points: readonly JudgedPoint[]): ReadonlyMap<string, string> {
  const families = [...new Set(points.map(({ row }) => row.family ?? 'own'))].sort();
  return new Map(families.map((family, index) => [family, COLOURS[index % COLOURS.length]!]));
}

/** Predictions over measurements, both logarithmic; on the dashed line they are equal. */
export function scatterPlot(
  points: readonly JudgedPoint[],
  metric: 'tpotMs' | 'ttftMs',
  title: string,
): string {
  const colours = coloursOf(points);
  const marks = points.flatMap((point) => {
    const was = point.measured[metric];
    const off = errorOf(point, metric);
    if (was === undefined || off === undefined || point.suspect !== undefined) return [];
    if (metric === 'ttftMs' && point.answer?.measuredSaturated !== false) return [];
    return [{ point, was, said: was * (1 + off), off }];
  });
  if (marks.length === 0) return '';
  const all = marks.flatMap(({ was, said }) => [was, said]);
  const from = all.reduce((least, value) => Math.min(least, value)) * 0.9;
  const to = all.reduce((most, value) => Math.max(most, value)) * 1.1;
  const ticks = tens(from, to).map((value): Tick => {
    return { at: logShare(value, from, to), label: value.toLocaleString('en-US') };
  });
  const dots = marks.map(({ point: { row }, was, said, off }) => {
    const [x, y] = place(FRAME, logShare(was, from, to), logShare(said, from, to));
    const hint = `${row.id}: ${row.model}, ${row.gpu} × ${row.tp}: ${percent(off, true)} %`;
    return `<circle cx="${x}" cy="${y}" r="2.2" fill="${colours.get(row.family ?? 'own')}" fill-opacity=".6"><title>${escapeMarkup(hint)}</title></circle>`;
  });
  const caption = `${title}: predicted (up) over measured (across); dashed: equal.`;
  return picture(`${evenLine()}${dots.join('')}`, { x: ticks, y: ticks, xTitle: title, caption });
}

function evenLine(): string {
  const [left, bottom] = place(FRAME, 0, 0);
  const [right, top] = place(FRAME, 1, 1);
  return `<line class="even" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/>`;
}

/** The share of points whose time per token is off by no more than what stands below, by source. */
export function errorPlot(points: readonly JudgedPoint[]): string {
  const colours = coloursOf(points);
  const most = 0.5;
  const lines = [...colours].map(([family, colour]) => {
    const sizes = points
      .filter(({ row, suspect }) => (row.family ?? 'own') === family && suspect === undefined)
      .flatMap((point) => errorOf(point, 'tpotMs') ?? [])
      .map(Math.abs)
      .sort((a, b) => a - b);
    if (sizes.length === 0) return '';
    const steps = sizes
      .filter((size) => size <= most)
      .map((size, index) => place(FRAME, size / most, (index + 1) / sizes.length).join(','));
    return `<polyline points="${place(FRAME, 0, 0).join(',')} ${steps.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6"><title>${escapeMarkup(`${family} (${sizes.length})`)}</title></polyline>`;
  });
  const legend = [...colours]
    .map(([family, colour], index) => {
      const y = 150 + index * 11;
      return `<rect x="225" y="${y - 7}" width="8" height="8" fill="${colour}"/><text x="238" y="${y}">${escapeMarkup(family)}</text>`;
    })
    .join('');
  const at = (share: number): Tick => ({ at: share, label: `${Math.round(share * 100)} %` });
  return picture(`${lines.join('')}${legend}`, {
    x: [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((error) => ({
      at: error / most,
      label: `${Math.round(error * 100)} %`,
    })),
    y: [0, 0.25, 0.5, 0.75, 1].map(at),
    xTitle: 'error of TPOT',
    caption: 'Share of the points (up) whose time per token is off by no more than this (across).',
  });
}

/** Small pictures of curves: measured as dots, predicted as a line. */
export function curvePlots(curves: readonly Curve[]): string {
  return curves.map((curve) => curvePlot(curve)).join('\n');
}

function curvePlot({ title, points, shapeError }: Curve): string {
  const loads = points.map(({ load }) => load);
  const highest = Math.max(
    ...points.flatMap(({ measuredMs, predictedMs }) => [measuredMs, predictedMs]),
  );
  const [from, to] = [loads[0]!, loads.at(-1)!];
  const spot = (load: number, ms: number) => place(FRAME, logShare(load, from, to), ms / highest);
  const line = points.map(({ load, predictedMs }) => spot(load, predictedMs).join(',')).join(' ');
  const dots = points.map(({ load, measuredMs }) => {
    const [x, y] = spot(load, measuredMs);
    return `<circle cx="${x}" cy="${y}" r="3" fill="#d97706"/>`;
  });
  return picture(
    `<polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="1.6"/>${dots.join('')}`,
    {
      x: loads.map((load) => ({ at: logShare(load, from, to), label: String(load) })),
      y: [0, 0.5, 1].map((at) => ({ at, label: (at * highest).toPrecision(3) })),
      xTitle: 'load',
      caption: `${title}: TPOT in ms, measured (dots) and predicted (line); shape error ${percent(shapeError)} %`,
    },
  );
}
