import type { Feature } from '../feature.ts';

const backend: Feature = {
  name: 'an engine',
  always: true,
  lay: (flight, draw) => flight.set('engine.backend', draw.pick(['vllm', 'sglang', 'trtllm'])),
};

const maxUtilization: Feature = {
  name: 'TensorRT-LLM with max_utilization',
  weight: 2,
  fits: (flight) => flight.is('engine.backend', 'trtllm'),
  lay: (flight) => flight.set('engine.capacity_scheduler_policy', 'max_utilization'),
};

const oldestGivesWay: Feature = {
  name: 'the oldest gives way',
  lay: (flight) => flight.set('engine.preemption_mode', 'fifo'),
};

const priorities: Feature = {
  name: 'priorities inside the engine',
  lay(flight, draw) {
    flight.set('engine.scheduling_policy', 'priority');
    flight.mapRows((row) => ({ ...row, priority: draw.between(-1, 3) }));
  },
};

const heldPrompts: Feature = {
  name: 'prompts held for every Nth pass',
  lay: (flight, draw) => flight.set('engine.prefill_schedule_interval', draw.pick([2, 3, 8])),
};

/** They move the gaps that clients see, and nothing else. */
const groups: Feature = {
  name: 'tokens sent in groups',
  lay: (flight, draw) => flight.set('engine.stream_interval', draw.pick([2, 5, 50])),
};

export const SCHEDULER_FEATURES: readonly Feature[] = [
  backend,
  maxUtilization,
  oldestGivesWay,
  priorities,
  heldPrompts,
  groups,
];
