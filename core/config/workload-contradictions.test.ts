import { expect, test } from 'vitest';
import { resolveConfig } from './resolve.ts';
import { parseConfigText } from './source.ts';

function resolveYaml(workload: string): () => unknown {
  const { value, place } = parseConfigText(`workload: {${workload}}`, 'run.yaml');
  return () => resolveConfig(value, [], place);
}

test.each([
  ['arrivals: gamma, request_rate: 2', 'arrivals: impossible: gamma arrivals need their shape'],
  ['arrivals: weibull, request_rate: 2', 'arrivals: impossible: weibull arrivals need their CV'],
  ['arrivals: recorded, request_rate: 2', 'recorded arrivals need a recorded rate'],
  [
    'arrivals: recorded, rate_shape: {type: steps, steps: [[0, 1]]}',
    'only a recorded rate says how its gaps are distributed',
  ],
  [
    'arrivals: poisson, request_rate: 2, rate_shape: {type: steps, steps: [[0, 1]]}',
    'request_rate: impossible: workload.rate_shape says another rate',
  ],
  [
    'arrivals: poisson, rate_shape: {type: ramp, from_rps: 0, to_rps: 0, duration_s: 9}',
    'rate_shape.to_rps: impossible: nothing would ever arrive',
  ],
  [
    'arrivals: poisson, rate_shape: {type: sine, mean_rps: 2, amplitude_rps: 3, period_s: 9}',
    'rate_shape.amplitude_rps: impossible: the rate would fall below 0',
  ],
  [
    'arrivals: poisson, rate_shape: {type: steps, steps: [[1, 1]]}',
    'rate_shape.steps[0]: impossible: the rate before its time is not said',
  ],
  [
    'arrivals: poisson, rate_shape: {type: steps, steps: [[0, 1], [5, 2], [5, 3]]}',
    'rate_shape.steps[2]: impossible: its time does not exceed the 5 s of the row before',
  ],
  [
    'arrivals: poisson, rate_shape: {type: steps, steps: [[0, 1], [5, 0]]}',
    'rate_shape.steps[1]: impossible: nothing would arrive from there on',
  ],
  [
    'tenants: [{name: a, share: 1}, {name: b, share: 1}, {name: a}]',
    'tenants[2].name: impossible: a tenant above has this name',
  ],
  ['cancellation: {ratio: 0.5}', 'cancellation: impossible: nothing says when they leave'],
  [
    'cancellation: {ratio: 0.5, after_ms: 9, after_tokens: 9}',
    'cancellation: impossible: a client leaves only once',
  ],
  [
    'client: {ttft_timeout_ms: 9, timeout_ms: 9}',
    'client.ttft_timeout_ms: impossible: the whole attempt is given up after 9 ms',
  ],
  [
    'client: {max_attempts: 3, retry_base_ms: 50, retry_max_ms: 9}',
    'client.retry_max_ms: impossible: the first wait is 50 ms already',
  ],
  ['warmup_requests: 5, num_requests: 5', 'warmup_requests: impossible: no request would count'],
  ['warmup_s: 5, duration_s: 4', 'warmup_s: impossible: no request would count'],
])('%s is refused', (workload, message) => {
  expect(resolveYaml(workload)).toThrow(message);
});

test.each([
  ['rate_shape: {type: steps, steps: [[0, 1]]}', 'rate_shape: has no effect: requests arrive'],
  ['client: {retry_base_ms: 9}', 'client.retry_base_ms: has no effect: nothing is tried again'],
  ['client: {max_attempts: 2, retry_factor: 3}', 'retry_factor: has no effect: a client waits'],
  ['concurrency: 4, max_concurrency: 2', 'max_concurrency: has no effect: in a closed loop'],
  ['arrivals: poisson, request_rate: 1, burstiness: 1', 'only gamma arrivals have this shape'],
  ['arrivals: gamma, request_rate: 1, burstiness: 1, arrival_cv: 2', 'arrival_cv: has no effect'],
  ['tenants: [{name: a, shares: 1}]', 'tenants[0].shares: unknown key'],
  ['tenants: [{share: 1}]', 'tenants[0].name: missing'],
  ['tenants: [{name: a}]', 'run.yaml:1: workload.tenants[0].name: has no effect: nothing is said'],
  ['tenants: [{name: a, priority: 2}]', 'tenants[0].priority: has no effect: the router has no'],
  [
    'tenants: [{name: a, policy_class: b}]',
    'policy_class: has no effect: the router has no policy',
  ],
  ['arrivals: poisson, rate_shape: {type: ramp, mean_rps: 3}', 'it needs workload.rate_shape.type'],
])('%s says what is wrong', (workload, message) => {
  expect(resolveYaml(workload)).toThrow(message);
});

test.each([
  'arrivals: constant, rate_shape: {type: ramp, from_rps: 3, to_rps: 0, duration_s: 9}',
  'arrivals: recorded, rate_shape: {type: recorded, file: rates.csv}',
  'arrivals: gamma, rate_shape: {type: steps, steps: [[0, 0], [5, 2]]}, burstiness: 0.3',
  'max_concurrency: 4, duration_s: 60, warmup_s: 5, warmup_requests: 10',
  'concurrency: 4, duration_s: 60, warmup_s: 5',
])('%s is accepted', (workload) => {
  expect(resolveYaml(workload)).not.toThrow();
});
