import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { RUN_METRICS, TENANT_METRICS } from './metric-names.ts';

export const GATE_OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;

export type GateOperator = (typeof GATE_OPERATORS)[number];

/** A bound on one number of a report. */
export interface Gate {
  /** As the user wrote it. */
  readonly text: string;
  /** The tenant whose number it is; absent for the whole run. */
  readonly tenant?: string;
  /** One of `RUN_METRICS`, or of `TENANT_METRICS` for a tenant. */
  readonly metric: string;
  readonly operator: GateOperator;
  readonly bound: number;
}

const GRAMMAR = /^\s*(.*?)\s*(<=|>=|==|!=|<|>)\s*(.*?)\s*$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TENANT = 'tenants.';

/**
 * Reads `METRIC OP VALUE`. Throws `InputError` that names what is wrong: no operator, a value that is
 * no number, a metric that no report has, with the nearest one.
 */
export function parseGate(text: string): Gate {
  const [, name = '', operator, value = ''] = GRAMMAR.exec(text) ?? [];
  if (operator === undefined) {
    throw bad(text, 'no bound', {
      allowed: `METRIC OP VALUE with OP one of ${GATE_OPERATORS.join(' ')}`,
    });
  }
  if (name === '') throw bad(text, 'no metric before the operator');
  if (/[=<>!]$/.test(name) || /^[=<>!]/.test(value)) {
    throw bad(text, 'no such operator', { allowed: GATE_OPERATORS.join(' ') });
  }
  if (!NUMBER.test(value)) {
    const remedy = value.endsWith('%') ? 'write a ratio as 0.95, not as 95 %' : undefined;
    throw bad(text, 'the value is not a number', { ...(remedy !== undefined && { remedy }) });
  }
  const bound = Number(value);
  return {
    text: text.trim(),
    ...parseMetric(text, name),
    operator: operator as GateOperator,
    bound,
  };
}

function parseMetric(text: string, name: string): Pick<Gate, 'tenant' | 'metric'> {
  if (!name.startsWith(TENANT)) {
    const metric = name.replace(/^summary\./, '');
    if (RUN_METRICS.includes(metric)) return { metric };
    throw unknown(text, metric, RUN_METRICS);
  }
  // A tenant's name may hold points itself, so the metric is looked for at the end.
  const rest = name.slice(TENANT.length);
  const metric = TENANT_METRICS.filter((known) => rest.endsWith(`.${known}`)).sort(
    (a, b) => b.length - a.length,
  )[0];
  if (metric !== undefined) return { tenant: rest.slice(0, -metric.length - 1), metric };
  throw unknown(text, rest.slice(rest.indexOf('.') + 1), TENANT_METRICS);
}

function unknown(text: string, metric: string, known: readonly string[]): InputError {
  const isLatency = known.includes(`${metric}.p99`);
  const nearest = isLatency ? `${metric}.p99` : nearestName(metric, known);
  // Of a latency that there is, the statistics are few enough to be told.
  const latency = isLatency ? metric : metric.slice(0, metric.lastIndexOf('.'));
  const statistics = known.filter((name) => name.startsWith(`${latency}.`));
  if (known.includes(`${latency}.p99`)) {
    return bad(text, `no such metric: ${metric}`, {
      allowed: statistics.join(', '),
      ...(nearest !== undefined && { nearest }),
    });
  }
  return bad(text, `no such metric: ${metric}`, {
    ...(nearest !== undefined && { nearest }),
    remedy: '`windtunnel explain` lists what a report holds',
  });
}

function bad(
  text: string,
  problem: string,
  more: { readonly allowed?: string; readonly nearest?: string; readonly remedy?: string } = {},
): InputError {
  return new InputError('usage', problem, { path: '--gate', received: text, ...more });
}
