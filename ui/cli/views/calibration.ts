import type { Calibration, Evidence } from '#core/perf/calibration/calibration-file.ts';
import { CONSTANT_FACTS } from '#core/perf/calibration/constants.ts';
import type { ErrorsOfFit } from '#core/perf/calibration/cross-validation.ts';
import type { FigureChange, RecordingChange } from '#sim/calibrate/compare-change.ts';
import type { Compared, RecordingComparison } from '#sim/calibrate/compare-recording.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A calibration as a table: constants, and errors before and after. */
export function calibrationTable(calibration: Calibration): string {
  const { deployment, evidence } = calibration;
  const lines = [
    `${deployment.model} on ${deployment.gpu}, ${deployment.engine}, TP ${deployment.tensor_parallel}, ${deployment.quantization}`,
    '',
    ...constantRows(calibration),
    '',
    'Error of left-out records                    median             mean              p90     bias',
    ...evidence.flatMap(errorRows),
    ...foreignWarnings(calibration).map((warning) => `! ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Shares of the fitted rate that one and the same model, GPU and TP can hardly reach or fall to. */
const LEAST_EFFICIENCY = 0.5;
const MOST_EFFICIENCY = 1.3;

/** A line for each fitted efficiency that makes one doubt whose the evidence is. */
export function foreignWarnings({ constants, deviations }: Calibration): string[] {
  return (['compute_efficiency', 'memory_efficiency'] as const).flatMap((name) => {
    const value = constants[name];
    const isSensible = value >= LEAST_EFFICIENCY && value <= MOST_EFFICIENCY;
    if (isSensible || deviations[name] === undefined) return [];
    return [
      `${name} ${value.toPrecision(3)} × fitted lies outside ${LEAST_EFFICIENCY} to ${MOST_EFFICIENCY}: the evidence may be of another model, GPU or TP`,
    ];
  });
}

function constantRows({ constants, deviations }: Calibration): string[] {
  return CONSTANT_FACTS.map(({ name, unit, identifiedBy }) => {
    const deviation = deviations[name];
    const value = constants[name].toPrecision(4).padStart(10);
    const known =
      deviation === undefined
        ? `kept at its default; to be told by ${identifiedBy}`
        : `± ${deviation.toPrecision(2)}`;
    return `  ${name.padEnd(23)}${value} ${unit.padEnd(11)} ${known}`;
  });
}

/** What the errors of each kind of evidence are of, where its observations are of one kind. */
const OBSERVED: Readonly<Record<Evidence['kind'], string>> = {
  steps: 'time of a pass',
  stretches: 'time of a stretch',
  requests: 'TTFT and TPOT',
  points: 'mean TTFT and TPOT',
};

function errorRows({ kind, records, errors }: Evidence): string[] {
  const { by = { [OBSERVED[kind]]: errors } } = errors;
  const mean = kind === 'points' ? 'mean ' : '';
  return Object.entries(by).map(([of, some]) => {
    const what = of in LATENCY_NAMES ? `${mean}${LATENCY_NAMES[of]}` : of;
    return errorRow(`${records} ${kind}, ${what}`, some);
  });
}

const LATENCY_NAMES: Readonly<Record<string, string>> = { ttft: 'TTFT', tpot: 'TPOT' };

function errorRow(name: string, { before, after }: ErrorsOfFit): string {
  const pair = (key: 'median' | 'mean' | 'p90') =>
    `${percent(before[key])} → ${percent(after[key])}`.padStart(17);
  return `  ${name.padEnd(31)} ${pair('median')}${pair('mean')}${pair('p90')} ${signedPercent(1 + after.bias)} %`;
}

const KEYS = ['ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'] as const;

/** A recording beside its flight. */
export function comparisonTable(comparison: RecordingComparison): string {
  const { name, requests, cached, prefill_tokens, preemptions } = comparison;
  const lines = [
    `${name}: ${requests} requests flown`,
    '             mean                    p50                    p99',
    ...KEYS.flatMap((key) => {
      const compared = comparison[key];
      return compared === undefined ? [] : [latencyRow(key.slice(0, -3).toUpperCase(), compared)];
    }),
    `  ${prefill_tokens.toLocaleString('en')} prompt tokens computed, ${preemptions} preemptions`,
  ];
  if (cached !== undefined) {
    const differing =
      cached.differing === 0 ? 'all as measured' : `${cached.differing} requests differ`;
    lines.push(
      `  ${cached.flown.toLocaleString('en')} prompt tokens cached (measured ${cached.measured.toLocaleString('en')}; ${differing})`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** How a recording differs from the first one, measured and flown. */
export function changeTable({ from, to, scale, figures }: RecordingChange): string {
  const scaled = scale === 1 ? '' : `, the second folder ${scale.toFixed(3)} times as slow`;
  const cell = ({ measured, flown, yardstick }: FigureChange): string =>
    `×${measured.toFixed(3)} → ×${flown.toFixed(3)} ${signedPercent(flown / measured)} %${yardstick ? '*' : ''}`;
  const note = figures.some(({ yardstick }) => yardstick)
    ? '  * what the factor of the folder was taken from\n'
    : '';
  const lines = [...new Set(figures.map(({ latency }) => latency))].map((latency) => {
    const name = latency.slice(0, -3).toUpperCase();
    const cells = figures.filter((each) => each.latency === latency).map(cell);
    return `  ${name.padEnd(5)}${cells.join('  ')}`;
  });
  const head = `  ${''.padEnd(5)}${'mean'.padEnd(26)}  p50`;
  return `From ${from} to ${to}, measured → flown${scaled}\n${head}\n${lines.join('\n')}\n${note}`;
}

/** How far off a ratio is, with its sign, in six characters. */
function signedPercent(ratio: number): string {
  const off = Number((100 * ratio - 100).toFixed(1));
  return `${off < 0 ? '−' : '+'}${Math.abs(off).toFixed(1)}`.padStart(6);
}

function latencyRow(name: string, { measured, flown }: Compared): string {
  const cell = (key: 'mean' | 'p50' | 'p99') => {
    const off = signedPercent(flown[key] / measured[key]);
    return `${number(measured[key])} → ${number(flown[key])} ${off} %`;
  };
  return `  ${name.padEnd(5)}${cell('mean')}  ${cell('p50')}  ${cell('p99')}  ms`;
}

function number(ms: number): string {
  return ms.toLocaleString('en', { maximumSignificantDigits: 4 }).padStart(5);
}
