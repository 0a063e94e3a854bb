import { OUTCOMES } from '#core/router/decisions.ts';
import { HandOff } from '#sim/cluster/hand-off.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { allRows, attemptOf, isLeft, rowsWith } from './laws/columns.ts';
import type { Outcome } from './laws/law.ts';

/** Something that happens to requests, workers or routers where a flight is tight enough. */
export interface State {
  readonly name: string;
  /** Whether it happened in a flight. */
  reached(outcome: Outcome): boolean;
}

/** A state that the rows of the requests tell. */
function someRow(
  name: string,
  holds: (table: RunResult['requests'], row: number) => boolean,
): State {
  return {
    name,
    reached: ({ leap: { result } }) => {
      return allRows(result.requests).some((row) => holds(result.requests, row));
    },
  };
}

/** Requests that gave way to others on workers of one engine. */
function gaveWay(name: string, backend: string): State {
  return {
    name,
    reached: ({ leap: { config, result } }) => {
      return config.engine.backend === backend && result.preemptions > 0;
    },
  };
}

/** Each way of the router to turn a request away; a policy file of a user has one more. */
const REJECTIONS: readonly State[] = OUTCOMES.flatMap(({ name, httpStatus }, code) => {
  if (httpStatus === 200 || name === 'all_eligible_workers_filtered') return [];
  return [someRow(`rejected: ${name}`, (table, row) => table.rejection[row] === code)];
});

/** What a swarm has to bring about, or it does not try what it says. */
export const STATES: readonly State[] = [
  gaveWay('preempted (vLLM)', 'vllm'),
  gaveWay('paused (TensorRT-LLM)', 'trtllm'),
  gaveWay('retracted (SGLang)', 'sglang'),
  someRow('rejected: never fits', (table, row) => {
    return table.status[row] === RequestStatus.rejected && table.rejection[row] === 0;
  }),
  ...REJECTIONS,
  {
    name: 'passes of a model on a GPU',
    reached: ({ leap: { report } }) => report.timing !== undefined,
  },
  {
    name: 'passes as long as they were measured',
    reached: ({ leap: { report } }) =>
      report.timing?.some(({ provenance }) => provenance.kind === 'calibrated') ?? false,
  },
  someRow('cancelled', (table, row) => table.status[row] === RequestStatus.cancelled),
  someRow('timed out', (table, row) => table.status[row] === RequestStatus.timedOut),
  someRow('tried again', (table, row) => attemptOf(table, row) > 0),
  someRow('left with tokens to come', (table, row) => (table.unreadTokens[row] ?? 0) > 0),
  someRow('cut off in the middle', (table, row) => table.status[row] === RequestStatus.running),
  someRow('waited in the router', (table, row) => table.routedNs[row]! > table.arrivalNs[row]!),
  someRow('waited in a worker', (table, row) => table.firstAdmitNs[row]! > table.routedNs[row]!),
  someRow('found its prefix cached', (table, row) => table.firstReusedTokens[row]! > 0),
  someRow('lost what was cached', (table, row) => table.lostTokens[row]! > 0),
  someRow('output cut off', (table, row) => {
    const asked = table.requestedTokens[row]!;
    return table.status[row] === RequestStatus.completed && table.outputTokens[row]! < asked;
  }),
  someRow('no output', (table, row) => {
    return table.status[row] === RequestStatus.completed && table.outputTokens[row] === 0;
  }),
  someRow('a later turn', (table, row) => table.turn[row]! > 0 && table.arrivalNs[row] !== NEVER),
  {
    name: 'held back by a cap',
    reached: ({ leap: { result } }) => (result.cap?.bindingNs ?? 0) > 0,
  },
  {
    name: 'waited at the head for blocks',
    reached: ({ leap: { result } }) => result.headWaits.count > 0,
  },
  {
    name: 'leapt over passes',
    reached: ({ leap, exact }) => leap.result.events < exact.result.events,
  },
  {
    name: 'several tokens in one pass',
    reached: ({ leap: { config, result } }) => {
      const { num_speculative_tokens: drafts } = config.engine;
      return drafts !== undefined && (result.itlNs.min ?? 1) === 0;
    },
  },
  {
    name: 'KV events lost',
    reached: ({ leap: { result } }) => (result.kvEvents?.lost ?? 0) > 0,
  },
  {
    name: 'KV events twice',
    reached: ({ leap: { result } }) => (result.kvEvents?.duplicated ?? 0) > 0,
  },
  {
    name: 'more than one rank at work',
    reached: ({ leap: { config, result } }) => {
      const ranks = result.tallies.slice(0, config.engine.data_parallel_size);
      return ranks.filter(({ passes }) => passes > 0).length > 1;
    },
  },
  {
    name: 'handed over',
    reached: ({ leap: { result } }) => result.handOffs?.state.includes(HandOff.done) ?? false,
  },
  {
    name: 'waited for room to decode',
    reached: ({
      leap: {
        result: { handOffs },
      },
    }) => {
      const { order, reservedNs, sourceHeldNs, state } = handOffs ?? {};
      if (order !== 'source_first') return false;
      return state!.some(
        (step, row) => step === HandOff.done && reservedNs![row]! > sourceHeldNs![row]!,
      );
    },
  },
  {
    name: 'waited for an encoder',
    reached: ({ leap: { result } }) => {
      const { startNs, count } = result.encode?.table ?? {};
      const { arrivalNs } = result.requests;
      return startNs?.subarray(0, count).some((ns, row) => ns > arrivalNs[row]!) ?? false;
    },
  },
  {
    name: 'found an item encoded',
    reached: ({ leap: { result } }) => result.encode?.table.cached.some((n) => n > 0) ?? false,
  },
  {
    name: 'computed where it decodes',
    reached: ({ leap: { result } }) => {
      const { handOffs: ways, requests } = result;
      if (ways === undefined) return false;
      return allRows(requests).some((row) => ways.verdictOf(row) >= 0 && !ways.has(row));
    },
  },
  {
    name: 'left on the way to decode',
    reached: ({ leap: { result } }) => {
      const { handOffs: ways, requests } = result;
      if (ways === undefined) return false;
      return allRows(requests).some((row) => ways.hasFailed(row) && isLeft(requests, row));
    },
  },
  {
    name: 'a worker in another pool',
    reached: ({ leap: { result } }) => {
      return result.roleChanges?.some(({ joinedNs }) => joinedNs !== NEVER) ?? false;
    },
  },
  {
    name: 'a link given all it has',
    reached: ({ leap: { result } }) => (result.links ?? []).some(({ peakShare }) => peakShare >= 1),
  },
  {
    name: 'everybody completed',
    reached: ({ leap: { result } }) => {
      return rowsWith(result.requests, RequestStatus.completed).length === result.requests.count;
    },
  },
];
