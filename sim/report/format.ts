const MINUTES_PER_DAY = 1_440;

/** `1234567` → `1,234,567`, the same in every locale. */
export function formatCount(value: number): string {
  return groupThousands(value.toFixed(0));
}

/**
 * A quantity with as many digits as a reader can use: none after the point from 1,000 up, one from
 * 100, two from 1, three significant ones below.
 */
export function formatQuantity(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return groupThousands(value.toFixed(0));
  if (size >= 100) return value.toFixed(1);
  if (size >= 1 || size === 0) return value.toFixed(2);
  if (size < 1e-6) return value.toExponential(1);
  return value.toPrecision(3);
}

/** A change as `digits` writes its size, with the sign before it; nothing is neither up nor down. */
export function formatSigned(value: number, digits: (size: number) => string): string {
  if (value === 0) return digits(0);
  return `${value > 0 ? '+' : '−'}${digits(Math.abs(value))}`;
}

/** `0.3663` → `36.63 %`. */
export function formatRatio(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

/** `1 request`, `2 requests`: a count with its noun. */
export function formatNumber(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A span as a person says it: `850 ms`, `12.3 s`, `59 min 8 s`, `3 h 2 min`, `2 d 5 h`. */
export function formatSpan(ms: number): string {
  if (ms < 1000) return `${formatQuantity(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < MINUTES_PER_DAY) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${formatCount(Math.floor(hours / 24))} d ${hours % 24} h`;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in the unit that keeps the number short: 1,500,000 is 1.5 MB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < BYTE_UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? formatCount(value) : formatQuantity(value)} ${BYTE_UNITS[unit]}`;
}
