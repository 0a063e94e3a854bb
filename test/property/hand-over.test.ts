import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineState } from '#sim/engine/rank/engine-state.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { type ApartFlown, type ApartSetup, flyApart, openApart } from './apart-workers.ts';
import { check } from './check.ts';
import { engineArbitrary, rowsArbitrary } from './random-flight.ts';

const COPIES = ['full_prompt', 'destination_missing'] as const;

/** Two pools in which blocks are short, now in one and now in the other. */
function setups(
  timingTypes: readonly string[],
  backends?: readonly string[],
): fc.Arbitrary<ApartSetup> {
  const shape = fc.record({
    traceBlockSize: fc.constantFrom(2, 4, 6, 8),
    prefillWorkers: fc.constantFrom(1, 1, 2),
    decodeWorkers: fc.constantFrom(1, 1, 2),
    copies: fc.constantFrom(...COPIES),
    nsPerToken: fc.constantFrom(0, 100_000, 1_000_000),
  });
  return shape.chain(({ nsPerToken, ...rest }) =>
    fc
      .record({
        engine: engineArbitrary(timingTypes, backends),
        sourceBlocks: fc.integer({ min: 8, max: 30 }),
        places: fc.constantFrom(1, 3, 16),
        rows: rowsArbitrary(rest.traceBlockSize, 25, false),
      })
      .map(
        ({ engine, sourceBlocks, places, rows }): ApartSetup => ({
          ...rest,
          rows,
          engine,
          prefill: { num_gpu_blocks: sourceBlocks, max_num_seqs: places },
          copyNs: (tokens) => tokens * nsPerToken,
        }),
      ),
  );
}

interface Facts {
  readonly [name: string]: unknown;
}

function legOf({ requests }: EngineState, row: number): Facts {
  return {
    status: requests.status[row],
    admissions: requests.admissions[row],
    firstAdmitNs: requests.firstAdmitNs[row],
    tokensNs: [requests.firstTokenNs[row], requests.secondTokenNs[row], requests.lastTokenNs[row]],
    terminalNs: requests.terminalNs[row],
    outputTokens: requests.outputTokens[row],
    reused: [requests.firstReusedTokens[row], requests.reusedTokens[row]],
  };
}

const preemptionsOf = ({ prefill, decode }: ApartFlown): number =>
  [...prefill.workers, ...decode.workers]
    .flatMap(({ tallies }) => tallies)
    .reduce((sum, tally) => sum + tally.preemptions, 0);

function factsOf(flown: ApartFlown, rows: number): Facts {
  const { prefill, decode, handOvers, endNs } = flown;
  const legs = Array.from({ length: rows }, (_, row) => ({
    handOver: handOvers[row],
    admitNs: prefill.state.requests.firstAdmitNs[row],
    reused: prefill.state.requests.reusedTokens[row],
    rejected: prefill.state.requests.status[row] === RequestStatus.rejected,
    decode: legOf(decode.state, row),
  }));
  const gaps = [decode.state.itlNs.count, Math.round(decode.state.itlNs.sum)];
  return { legs, gaps, endNs, preemptions: preemptionsOf(flown) };
}

const withStepping = (setup: ApartSetup, stepping: string): ApartSetup => ({
  ...setup,
  engine: { ...setup.engine, stepping },
});

test('a leap of either pool equals stepping to the last bit', () => {
  check(setups(['fixed', 'linear', 'table']), 700, (setup) => {
    const rows = setup.rows.length;
    const exact = flyApart(withStepping(setup, 'exact'));
    const leap = flyApart(withStepping(setup, 'leap'));
    expect(factsOf(leap, rows)).toEqual(factsOf(exact, rows));
  });
});

test('all blocks are let go of in the end, and none is ever in two places', () => {
  check(setups(['fixed']), 300, (setup) => {
    const flown = flyApart(setup, ({ prefill, decode }) => {
      for (const worker of [...prefill.workers, ...decode.workers]) {
        const { free, inactive, active, capacity } = worker.pool(0);
        expect(free).toBeGreaterThanOrEqual(0);
        expect(inactive).toBeGreaterThanOrEqual(0);
        expect(active).toBeGreaterThanOrEqual(0);
        expect(free + inactive + active).toBe(capacity);
      }
    });
    for (const worker of [...flown.prefill.workers, ...flown.decode.workers]) {
      expect(worker.pool(0).active).toBe(0);
    }
  });
});

type Step =
  | { readonly does: 'reserve' | 'activate' | 'withdraw' | 'cancel'; readonly row: number }
  | { readonly does: 'wait'; readonly passes: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constantFrom('reserve', 'activate', 'withdraw', 'cancel'),
      row: fc.nat({ max: 7 }),
    }),
    fc.record({ does: fc.constant('wait'), passes: fc.integer({ min: 1, max: 6 }) }),
  ),
  { maxLength: 60, size: 'max' },
) as fc.Arbitrary<Step[]>;

/** What a request has been through on a decode worker, as far as whoever asks knows. */
type Stage = 'none' | 'asked' | 'active' | 'gone' | 'over';

/**
 * One decode worker that is asked things in any order, in passes and between them; what is out of turn
 * has to be refused, and changes nothing.
 */
class AskedWorker {
  readonly stages: Stage[];
  readonly worker;
  readonly #reserved = new Set<number>();
  #nowNs = 0;

  constructor(setup: ApartSetup) {
    this.worker = openApart(setup).decode.workers[0]!;
    this.stages = setup.rows.map(() => 'none');
  }

  take(step: Step): void {
    if (step.does === 'wait') {
      for (let pass = 0; pass < step.passes; pass++) this.#pass();
      return;
    }
    const { row, does } = step;
    const stage = this.stages[row];
    const allowed = {
      reserve: stage === 'none',
      activate: this.#reserved.has(row),
      withdraw: stage === 'asked',
      cancel: stage === 'asked' || stage === 'active',
    };
    if (does === 'reserve' || does === 'cancel') {
      if (!allowed[does]) return;
    } else if (!allowed[does]) {
      expect(() => this.worker[does](0, row, this.#nowNs, false)).toThrow();
      return;
    }
    if (stage === 'none' || stage === 'asked' || stage === 'active') {
      const next = {
        reserve: 'asked',
        activate: 'active',
        withdraw: 'gone',
        cancel: 'gone',
      } as const;
      this.stages[row] = next[does];
      this.#reserved.delete(row);
      this.worker[does](0, row, this.#nowNs, false);
      this.#drain();
    }
  }

  /** Gives everybody who has a reservation the blocks that it waits for, until nobody is left. */
  finish(): void {
    for (let round = 0; round < 2000; round++) {
      for (const row of [...this.#reserved]) this.take({ does: 'activate', row });
      if (!this.worker.busy && !this.worker.startPass(this.#nowNs) && this.#reserved.size === 0)
        return;
      this.#pass();
    }
    throw new Error('the worker never comes to rest');
  }

  #pass(): void {
    const { worker } = this;
    if (!worker.busy && !worker.startPass(this.#nowNs)) return;
    this.#nowNs = worker.passEndNs;
    worker.completePass();
    this.#drain();
  }

  #drain(): void {
    const { reserved, activated, ended, dropped, firstTokens } = this.worker;
    for (const row of reserved.rows.subarray(0, reserved.count)) {
      expect(this.stages[row]).toBe('asked');
      this.#reserved.add(row);
    }
    for (const row of ended.rows.subarray(0, ended.count)) {
      expect(['asked', 'active']).toContain(this.stages[row]);
      this.stages[row] = 'over';
    }
    for (const row of dropped.rows.subarray(0, dropped.count))
      expect(this.stages[row]).toBe('gone');
    for (const list of [reserved, activated, ended, dropped, firstTokens]) list.clear();
  }
}

test('in whatever order a decode worker is asked, it loses no block and nobody, and takes nothing out of turn', () => {
  let over = 0;
  check(fc.tuple(setups(['fixed']), steps), 500, ([setup, taken]) => {
    const rows = Array.from({ length: 8 }, (_, row) => setup.rows[row % setup.rows.length]!);
    const asked = new AskedWorker({ ...setup, rows, decodeWorkers: 1 });
    for (const step of taken) asked.take(step);
    asked.finish();
    expect(asked.worker.pool(0).active).toBe(0);
    for (const stage of asked.stages) expect(['none', 'gone', 'over']).toContain(stage);
    over += asked.stages.filter((stage) => stage === 'over').length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(over).toBeGreaterThan(200);
});
