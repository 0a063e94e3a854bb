import { expect, test } from 'vitest';
import {
  type ApartFlown,
  type ApartSetup,
  flyApart,
  openApart,
} from '#test/property/apart-workers.ts';
import type { HandRow } from '#test/reference/hand-trace.ts';

const FIXED = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };
const BACKENDS = ['vllm', 'trtllm', 'sglang'];

/** 1 MB a token at 100 GB/s: 100 tokens take 1 ms. */
function fly(backend: string, rows: HandRow[], setup: Partial<ApartSetup> = {}): ApartFlown {
  const engine = { backend, block_size: 64, num_gpu_blocks: 1024, timing: FIXED, ...setup.engine };
  return flyApart({ traceBlockSize: 64, ...setup, rows, engine });
}

const ms = (ns: number): number => ns / 1e6;

/** Of each request: prompt held, blocks reserved, activated, source released, first and last token. */
function momentsMs({ decode, handOvers }: ApartFlown): number[][] {
  const { firstTokenNs, lastTokenNs } = decode.state.requests;
  return handOvers.map(({ heldNs, reservedNs, activatedNs, releasedNs }, row) => {
    const tokens = [firstTokenNs[row]!, lastTokenNs[row]!];
    return [heldNs, reservedNs, activatedNs, releasedNs, ...tokens].map(ms);
  });
}

const ids = (first: number): number[] => [first, first + 1, first + 2, first + 3];

test.for(BACKENDS)(
  '%s: prefill, transfer, decode step: 10 + 1 + 2 ms to the first token',
  (name) => {
    const [moments] = momentsMs(fly(name, [{ atMs: 0, input: 100, output: 3, ids: [1, 2] }]));
    const reserved = name === 'sglang' ? 0 : 10;
    expect(moments).toEqual([10, reserved, 11, 11, 13, 17]);
  },
);

test.for([
  ['vllm', 64],
  ['sglang', 64],
  ['trtllm', 256],
] as const)('%s: a repeated prompt of 200 tokens misses %i of them', ([name, again]) => {
  const row = { input: 200, output: 1, ids: ids(1) };
  const copied: number[] = [];
  fly(
    name,
    [
      { atMs: 0, ...row },
      { atMs: 100, ...row },
    ],
    {
      copies: 'destination_missing',
      copyNs: (tokens) => {
        copied.push(tokens);
        return tokens;
      },
    },
  );
  expect(copied).toEqual([256, again]);
});

test('what is missing are whole blocks: 10 tokens are 12 in blocks of 4, and a block that is there is none', () => {
  const copied: number[] = [];
  const rows = [10, 4, 4].map(
    (input, index): HandRow => ({
      atMs: index * 100,
      input,
      output: 1,
      ids: input === 10 ? [1, 2, 3] : [9],
    }),
  );
  fly('vllm', rows, {
    engine: { block_size: 4 },
    traceBlockSize: 4,
    copies: 'destination_missing',
    copyNs: (tokens) => {
      copied.push(tokens);
      return tokens;
    },
  });
  expect(copied).toEqual([12, 4, 0]);
});

test('held prompts keep others out until the pass ends in which they are let go of', () => {
  const rows = [200, 201, 202].map(
    (input): HandRow => ({ atMs: 0, input, output: 4, ids: ids(input) }),
  );
  const flown = fly('vllm', rows, { prefill: { num_gpu_blocks: 8 } });
  const { firstAdmitNs } = flown.prefill.state.requests;
  expect([...firstAdmitNs.subarray(0, 3)].map(ms)).toEqual([0, 0, 12]);
  // The second is let go of at 14 ms, in the middle of the third one's pass.
  expect(momentsMs(flown).map(([, , , released]) => released)).toEqual([12, 22, 24.02]);
});

test('room at the destination comes after the prompt, or before it', () => {
  const rows = [200, 201, 202].map(
    (input): HandRow => ({ atMs: 0, input, output: 40, ids: ids(input) }),
  );
  const small = { decode: { num_gpu_blocks: 8 } };
  const late = momentsMs(fly('vllm', rows, small))[2]!;
  expect(late.slice(0, 2)).toEqual([10, 92]);
  const first = momentsMs(fly('sglang', rows, small))[2]!;
  expect(first.slice(0, 2)).toEqual([102, 92]);
});

test('TensorRT-LLM: the output has to fit at the destination too', () => {
  const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 4, output: 12, ids: [id] }));
  const engine = { block_size: 4, num_gpu_blocks: 7 };
  const flown = fly('trtllm', rows, { engine, traceBlockSize: 4 });
  const [one, other] = momentsMs(flown);
  // Four blocks each in the end: the second waits for the end of the first.
  expect(other![1]).toBe(one![5]);
});

test('who is preempted where it decodes computes its prompt again there', () => {
  const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 8, output: 12, ids: [id, id + 10] }));
  const setup = { engine: { block_size: 4 }, decode: { num_gpu_blocks: 6 }, traceBlockSize: 4 };
  for (const backend of ['vllm', 'sglang']) {
    const flown = fly(backend, rows, setup);
    const [tally] = flown.decode.workers[0]!.tallies;
    expect(tally!.preemptions, backend).toBeGreaterThan(0);
    expect(flown.decode.state.requests.outputTokens.subarray(0, 2)).toEqual(
      new Int32Array([12, 12]),
    );
    expect(flown.decode.workers[0]!.pool(0).active).toBe(0);
  }
});

test('the prompt costs nothing there when Dynamo 1.6 is imitated', () => {
  const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 8, output: 12, ids: [id, id + 10] }));
  const setup = { engine: { block_size: 4 }, decode: { num_gpu_blocks: 6 }, traceBlockSize: 4 };
  for (const backend of ['vllm', 'sglang']) {
    const dear = fly(backend, rows, setup).endNs;
    const free = fly(backend, rows, { ...setup, compat: 'dynamo-1.6' }).endNs;
    expect(free).toBeLessThan(dear);
  }
});

test.for(BACKENDS)('%s: who wants no output is done when its prompt has been copied', (name) => {
  const flown = fly(name, [{ atMs: 0, input: 100, output: 0, ids: [1, 2] }]);
  expect(ms(flown.decode.state.requests.terminalNs[0]!)).toBe(11);
  expect(flown.decode.workers[0]!.pool(0).active).toBe(0);
});

test.for(BACKENDS)(
  '%s: who never fits at the destination is rejected, and its prompt let go of',
  (name) => {
    const rows = [{ atMs: 0, input: 600, output: 9, ids: [...ids(1), ...ids(5), 9, 10] }];
    const flown = fly(name, rows, { decode: { num_gpu_blocks: 8 } });
    expect(flown.handOvers[0]!.reservedNs).toBe(-1);
    expect(flown.prefill.workers[0]!.pool(0).active).toBe(0);
  },
);

test.for(BACKENDS)('%s: a withdrawn reservation is there for the next in line', (name) => {
  const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 200, output: 4, ids: ids(id * 10) }));
  const engine = { backend: name, block_size: 64, num_gpu_blocks: 5, timing: FIXED };
  const { decode } = openApart({ rows, engine, traceBlockSize: 64 });
  const worker = decode.workers[0]!;
  worker.reserve(0, 0, 0, false);
  worker.reserve(0, 1, 0, false);
  expect([worker.reserved.count, worker.waitingRequests, worker.pool(0).active]).toEqual([1, 1, 4]);
  worker.withdraw(0, 0, 5, false);
  expect([worker.reserved.rows[1], worker.waitingRequests]).toEqual([1, 0]);
  worker.withdraw(0, 1, 6, false);
  expect([worker.pool(0).active, worker.startPass(7)]).toEqual([0, false]);
});

test('steps out of turn are refused', () => {
  const rows = [{ atMs: 0, input: 100, output: 4, ids: [1, 2] }];
  const engine = { backend: 'vllm', block_size: 64, num_gpu_blocks: 8, timing: FIXED };
  const { prefill, decode } = openApart({ rows, engine, traceBlockSize: 64 });
  const [source] = prefill.workers;
  const [destination] = decode.workers;
  source!.enqueue(0, 0, 0, false);
  expect(() => source!.release(0, 0, 0, false)).toThrow('a prompt that is not held');
  destination!.reserve(0, 0, 0, false);
  destination!.activate(0, 0, 0, false);
  expect(() => destination!.activate(0, 0, 0, false)).toThrow('without a reservation');
  expect(() => destination!.withdraw(0, 0, 0, false)).toThrow('what nobody asked for');
});

test('each rank reserves for itself, and all wait for the end of the common pass', () => {
  const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 100, output: 9, ids: [id] }));
  const engine = { backend: 'vllm', block_size: 64, num_gpu_blocks: 8, timing: FIXED };
  const { decode } = openApart({ rows, engine: { ...engine, data_parallel_size: 2 } });
  const worker = decode.workers[0]!;
  worker.reserve(0, 0, 0, false);
  worker.activate(0, 0, 0, false);
  worker.reserved.clear();
  expect(worker.startPass(0)).toBe(true);
  worker.reserve(1, 1, 1e6, false);
  expect(worker.reserved.count).toBe(0);
  expect(ms(worker.passEndNs)).toBe(2);
  worker.completePass();
  expect(worker.reserved.rows[0]).toBe(1);
});

test.for(BACKENDS)(
  '%s: who asks for room in the middle of a leap waits from then on',
  (backend) => {
    const rows = [1, 2].map((id): HandRow => ({ atMs: 0, input: 100, output: 9, ids: [id] }));
    const engine = { backend, block_size: 64, num_gpu_blocks: 8, timing: FIXED };
    const worker = openApart({ rows, engine }).decode.workers[0]!;
    worker.reserve(0, 0, 0, false);
    worker.activate(0, 0, 0, false);
    expect([worker.startPass(0), worker.waitingRequests]).toEqual([true, 0]);
    worker.reserve(0, 1, 1e6, false);
    expect(worker.waitingRequests).toBe(1);
  },
);

test('where each end of a pass grants one reservation, an idle rank keeps the others from leaping', () => {
  const rows = [1, 2, 3].map((id): HandRow => ({ atMs: 0, input: 100, output: 9, ids: [id] }));
  const engine = { backend: 'vllm', block_size: 64, num_gpu_blocks: 8, timing: FIXED };
  const setup = { rows, engine: { ...engine, data_parallel_size: 2 }, compat: 'dynamo-1.6' };
  const worker = openApart(setup).decode.workers[0]!;
  worker.reserve(0, 0, 0, false);
  worker.activate(0, 0, 0, false);
  worker.reserved.clear();
  worker.startPass(0);
  for (const row of [1, 2]) worker.reserve(1, row, 1e6, false);
  worker.completePass();
  expect(worker.reserved.count).toBe(1);
  worker.startPass(2e6);
  expect(ms(worker.passEndNs)).toBe(4);
  worker.completePass();
  expect(worker.reserved.count).toBe(2);
});
