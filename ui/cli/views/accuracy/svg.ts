/** Text as it stands in HTML and SVG. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A frame with room for labels at the left and below. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly bottom: number;
}

export const FRAME: Frame = { width: 350, height: 300, left: 48, bottom: 36 };

const TOP = 10;
const RIGHT = 10;

/** A logarithmic axis from `from` to `to`, as a share of its length. */
export function logShare(value: number, from: number, to: number): number {
  return Math.log(value / from) / Math.log(to / from);
}

/** Shares of the axes → places of the picture, to a tenth of a pixel. */
export function place(frame: Frame, x: number, y: number): readonly [string, string] {
  const across = frame.left + x * (frame.width - frame.left - RIGHT);
  const down = TOP + (1 - y) * (frame.height - frame.bottom - TOP);
  return [across.toFixed(1), down.toFixed(1)];
}

/** Tens between two values, both included where they are some. */
export function tens(from: number, to: number): number[] {
  const values: number[] = [];
  for (let power = Math.ceil(Math.log10(from)); power <= Math.log10(to) + 1e-9; power++) {
    values.push(10 ** power);
  }
  return values;
}

/** A tick on an axis: its share, and what it says. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Axes with ticks and titles around a picture's marks. */
export function picture(
  marks: string,
  options: {
    readonly frame?: Frame;
    readonly x: readonly Tick[];
    readonly y: readonly Tick[];
    readonly xTitle: string;
    readonly caption: string;
  },
): string {
  const { frame = FRAME, x, y, xTitle, caption } = options;
  const across = x.map(({ at, label }) => {
    const [left, bottom] = place(frame, at, 0);
    const [, top] = place(frame, at, 1);
    return `<line class="axis" x1="${left}" y1="${bottom}" x2="${left}" y2="${top}"/><text x="${left}" y="${Number(bottom) + 14}" text-anchor="middle">${escapeMarkup(label)}</text>`;
  });
  const up = y.map(({ at, label }) => {
    const [left, level] = place(frame, 0, at);
    const [right] = place(frame, 1, at);
    return `<line class="axis" x1="${left}" y1="${level}" x2="${right}" y2="${level}"/><text x="${Number(left) - 5}" y="${Number(level) + 4}" text-anchor="end">${escapeMarkup(label)}</text>`;
  });
  const [middle] = place(frame, 0.5, 0);
  const title = `<text x="${middle}" y="${frame.height - 4}" text-anchor="middle">${escapeMarkup(xTitle)}</text>`;
  return `<figure><svg width="${frame.width}" height="${frame.height}" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${escapeMarkup(caption)}">${across.join('')}${up.join('')}${title}${marks}</svg><figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
}
