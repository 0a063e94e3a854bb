import { formatCount, formatQuantity } from '../format.ts';
import type { Report } from '../report.ts';
import type { TextTable } from '../text-table.ts';
import type { GateResult } from './gate-result.ts';
import type { Gate, GateOperator } from './parse-gate.ts';

const HOLDS: Readonly<Record<GateOperator, (value: number, bound: number) => boolean>> = {
  '<=': (value, bound) => value <= bound,
  '>=': (value, bound) => value >= bound,
  '==': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
  '<': (value, bound) => value < bound,
  '>': (value, bound) => value > bound,
};

/** Numbers that a report leaves out where nothing happened, and what they are then. */
const NOTHING_HAPPENED: Readonly<Record<string, number>> = {
  cancelled: 0,
  timed_out: 0,
  'attempts.amplification': 1,
  'attempts.failed_requests': 0,
  'wasted.prefill_tokens': 0,
  'wasted.output_tokens': 0,
};

/** The report with its gates judged; without gates it stays as it is. */
export function withGates(report: Report, gates: readonly Gate[]): Report {
  if (gates.length === 0) return report;
  return { ...report, gates: gates.map((gate) => judge(report, gate)) };
}

/** Whether a gate of the report has failed. */
export function hasFailedGate({ gates = [] }: Report): boolean {
  return gates.some(({ passed }) => !passed);
}

/** Whether a gate asks for a percentile with too few samples beyond it. */
export function hasThinGate({ gates = [] }: Report): boolean {
  return gates.some(({ thin }) => thin === true);
}

function judge(report: Report, gate: Gate): GateResult {
  const { text, tenant, metric, operator, bound } = gate;
  const named = tenant === undefined ? metric : `tenants.${tenant}.${metric}`;
  const base = { gate: text, metric: named, bound };
  const owner = ownerOf(report, gate);
  if (owner === undefined) {
    const names = report.tenants?.map((row) => row.tenant).join(', ') ?? 'none';
    return {
      ...base,
      passed: false,
      reason: `no tenant ${tenant}; tenants of the trace: ${names}`,
    };
  }
  const value = valueAt(owner, metric);
  if (value === undefined) return { ...base, passed: false, reason: 'the run has no such number' };
  const thin = isThin(owner, metric);
  return { ...base, value, passed: HOLDS[operator](value, bound), ...(thin && { thin }) };
}

function ownerOf(report: Report, { tenant, metric }: Gate): object | undefined {
  if (tenant !== undefined) return report.tenants?.find((row) => row.tenant === tenant);
  return metric === 'simulated_ms' ? report : report.summary;
}

function valueAt(owner: object, metric: string): number | undefined {
  const value = at(owner, metric.split('.'));
  if (typeof value === 'number') return value;
  return metric.startsWith('anomalies.') ? 0 : NOTHING_HAPPENED[metric];
}

function isThin(owner: object, metric: string): boolean {
  const [latency = '', key] = metric.split('.');
  const thin = at(owner, [latency, 'few_samples']);
  return Array.isArray(thin) && thin.some((percentile) => percentile === key);
}

function at(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const part of path) inner = (inner as Readonly<Record<string, unknown>> | undefined)?.[part];
  return inner;
}

/** A line for each gate that has failed. */
export function failedGateLines({ gates = [] }: Report): readonly string[] {
  return gates
    .filter(({ passed }) => !passed)
    .map(({ gate, value, reason = 'the run has no such number' }) => {
      const found = value === undefined ? reason : `the run has ${formatValue(value)}`;
      return `gate failed: ${gate}, ${found}`;
    });
}

/** A row a gate, for people; undefined when there are none. */
export function gateTable({ gates }: Report): TextTable | undefined {
  if (gates === undefined) return undefined;
  return {
    header: ['gate', 'value', 'result'],
    rows: gates.map(({ gate, value, passed, thin, reason }) => [
      gate,
      value === undefined ? '–' : `${formatValue(value)}${thin === true ? '*' : ''}`,
      passed ? 'pass' : `FAIL${reason === undefined ? '' : `: ${reason}`}`,
    ]),
  };
}

function formatValue(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatQuantity(value);
}
