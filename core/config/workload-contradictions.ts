import type { Contradiction } from './contradiction.ts';
import type { WorkloadConfig } from './schema.ts';

type RateShape = NonNullable<WorkloadConfig['rate_shape']>;

/** What in a workload cannot be meant together. */
export function workloadContradictions(workload: WorkloadConfig): readonly Contradiction[] {
  return [
    ...arrivalContradictions(workload),
    ...shapeContradictions(workload.rate_shape),
    ...tenantContradictions(workload),
    ...warmupContradictions(workload),
    ...clientContradictions(workload),
  ];
}

function arrivalContradictions(workload: WorkloadConfig): readonly Contradiction[] {
  const { arrivals, request_rate: rate, rate_shape: shape, concurrency } = workload;
  if (arrivals === 'trace' || concurrency !== undefined) return [];
  const found: Contradiction[] = [];
  const add = (path: string, why: string, remedy: string): unknown =>
    found.push({ path: `workload.${path}`, why, remedy });
  if (rate === undefined && shape === undefined) {
    const remedy = 'set workload.request_rate, in requests per second, or workload.rate_shape';
    add('arrivals', `${arrivals} arrivals need a rate`, remedy);
  }
  if (rate !== undefined && shape !== undefined) {
    add('request_rate', 'workload.rate_shape says another rate', 'leave one of them out');
  }
  if (arrivals === 'gamma' && workload.burstiness === undefined) {
    add('arrivals', 'gamma arrivals need their shape', 'set workload.burstiness; 1 is Poisson');
  }
  if (arrivals === 'weibull' && workload.arrival_cv === undefined) {
    add('arrivals', 'weibull arrivals need their CV', 'set workload.arrival_cv; 1 is Poisson');
  }
  if (arrivals === 'recorded' && shape !== undefined && shape.type !== 'recorded') {
    const remedy = 'set workload.rate_shape.type to recorded, or choose gamma or weibull arrivals';
    add('arrivals', 'only a recorded rate says how its gaps are distributed', remedy);
  }
  if (arrivals === 'recorded' && rate !== undefined && shape === undefined) {
    const remedy = 'set workload.rate_shape in place of workload.request_rate';
    add('arrivals', 'recorded arrivals need a recorded rate', remedy);
  }
  return found;
}

function shapeContradictions(shape: RateShape | undefined): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const add = (path: string, why: string, remedy: string): unknown =>
    found.push({ path: `workload.rate_shape.${path}`, why, remedy });
  if (shape?.type === 'ramp' && shape.from_rps === 0 && shape.to_rps === 0) {
    add('to_rps', 'nothing would ever arrive', 'raise one end of the ramp above 0');
  }
  if (shape?.type === 'sine' && shape.mean_rps === 0) {
    add('mean_rps', 'nothing would ever arrive', 'raise it above 0');
  }
  if (shape?.type === 'sine' && shape.amplitude_rps > shape.mean_rps) {
    add('amplitude_rps', 'the rate would fall below 0', 'keep it at or below mean_rps');
  }
  if (shape?.type === 'steps') addStepFault(shape.steps, add);
  return found;
}

function addStepFault(
  steps: readonly (readonly [number, number])[],
  add: (path: string, why: string, remedy: string) => unknown,
): void {
  if (steps[0]![0] !== 0) {
    add('steps[0]', 'the rate before its time is not said', 'begin at 0; a rate may be 0');
    return;
  }
  const back = steps.findIndex(([atS], index) => index > 0 && atS <= steps[index - 1]![0]);
  if (back > 0) {
    const why = `its time does not exceed the ${steps[back - 1]![0]} s of the row before`;
    add(`steps[${back}]`, why, 'sort the rows by time and keep one for each');
    return;
  }
  if (steps.at(-1)![1] > 0) return;
  const why = 'nothing would arrive from there on';
  add(`steps[${steps.length - 1}]`, why, 'leave it out and end the traffic by workload.duration_s');
}

function tenantContradictions({ tenants = [] }: WorkloadConfig): readonly Contradiction[] {
  const names = tenants.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice < 0) return [];
  return [
    {
      path: `workload.tenants[${twice}].name`,
      why: 'a tenant above has this name',
      remedy: 'give each tenant once',
    },
  ];
}

function warmupContradictions(workload: WorkloadConfig): readonly Contradiction[] {
  const { warmup_requests, num_requests, warmup_s, duration_s } = workload;
  const found: Contradiction[] = [];
  if (warmup_requests !== undefined && num_requests !== undefined) {
    if (warmup_requests >= num_requests) {
      const why = `no request would count: there are ${num_requests}`;
      const remedy = 'keep it below workload.num_requests';
      found.push({ path: 'workload.warmup_requests', why, remedy });
    }
  }
  if (warmup_s !== undefined && duration_s !== undefined && warmup_s >= duration_s) {
    const why = `no request would count: the traffic ends at ${duration_s} s`;
    found.push({ path: 'workload.warmup_s', why, remedy: 'keep it below workload.duration_s' });
  }
  return found;
}

function clientContradictions({ cancellation, client }: WorkloadConfig): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (cancellation !== undefined) {
    const { after_ms: ms, after_tokens: tokens } = cancellation;
    if ((ms === undefined) === (tokens === undefined)) {
      const why = ms === undefined ? 'nothing says when they leave' : 'a client leaves only once';
      const remedy = 'set one of after_ms and after_tokens';
      found.push({ path: 'workload.cancellation', why, remedy });
    }
  }
  if (client === undefined) return found;
  const { ttft_timeout_ms: first, timeout_ms: whole, retry_base_ms, retry_max_ms } = client;
  if (first !== undefined && whole !== undefined && first >= whole) {
    const why = `the whole attempt is given up after ${whole} ms`;
    const remedy = 'keep it below workload.client.timeout_ms';
    found.push({ path: 'workload.client.ttft_timeout_ms', why, remedy });
  }
  if (retry_max_ms !== undefined && retry_max_ms < retry_base_ms) {
    const why = `the first wait is ${retry_base_ms} ms already`;
    const remedy = 'keep it at or above workload.client.retry_base_ms';
    found.push({ path: 'workload.client.retry_max_ms', why, remedy });
  }
  return found;
}
