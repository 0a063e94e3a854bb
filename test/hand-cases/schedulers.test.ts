import { expect, test } from 'vitest';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { at, flyHand, tokensMs } from './fly-hand.ts';

const ALL = ['vllm', 'trtllm', 'sglang'] as const;
type Backend = (typeof ALL)[number];

interface Case {
  readonly name: string;
  readonly rows: readonly HandRow[];
  readonly engine?: Readonly<Record<string, unknown>>;
  /** First and last token of each request, by those who give them so. */
  readonly tokens: readonly (readonly [readonly Backend[], readonly (readonly number[])[]])[];
}

const BUDGET = { max_num_batched_tokens: 8 };
const ONE = { max_num_seqs: 1 };

/** mocker.md §10.3, as measured on 1.6.1. */
const CASES: readonly Case[] = [
  { name: 'A: one request', rows: [at(0, 4, 2)], tokens: [[ALL, [[10, 12]]]] },
  {
    name: 'B: two side by side',
    rows: [at(0, 4, 2), at(0, 4, 2)],
    tokens: [
      [
        ALL,
        [
          [10, 12],
          [10, 12],
        ],
      ],
    ],
  },
  {
    name: 'C: one place in the batch',
    rows: [at(0, 4, 2), at(0, 4, 2)],
    engine: ONE,
    tokens: [
      [
        ALL,
        [
          [10, 12],
          [22, 24],
        ],
      ],
    ],
  },
  {
    name: 'D: chunks of 8, 8 and 4',
    rows: [at(0, 20, 1)],
    engine: BUDGET,
    tokens: [[['vllm', 'trtllm'], [[30, 30]]]],
  },
  {
    name: 'D: a prompt within one chunk',
    rows: [at(0, 20, 1)],
    tokens: [[['sglang'], [[10, 10]]]],
  },
  {
    name: 'E: decode takes the budget first',
    rows: [at(0, 12, 2), at(0, 13, 1)],
    engine: BUDGET,
    tokens: [
      [
        ['vllm', 'trtllm'],
        [
          [20, 32],
          [42, 42],
        ],
      ],
    ],
  },
  {
    name: 'F: a prompt joins a batch that decodes',
    rows: [at(0, 4, 4), at(13, 5, 1)],
    tokens: [
      [
        ['vllm', 'trtllm'],
        [
          [10, 26],
          [26, 26],
        ],
      ],
      [
        ['sglang'],
        [
          [10, 26],
          [24, 24],
        ],
      ],
    ],
  },
];

const FLIGHTS = CASES.flatMap(({ name, rows, engine, tokens }) =>
  tokens.flatMap(([backends, times]) =>
    backends.map((backend) => [name, backend, rows, engine, times] as const),
  ),
);

test.each(FLIGHTS)('§10.3 %s (%s)', (_name, backend, rows, engine, times) => {
  for (const stepping of ['leap', 'exact']) {
    const result = flyHand(rows, { engine: { backend, stepping, ...engine } });
    expect(tokensMs(result), stepping).toEqual(times);
  }
});

test('§10.2: two drafts that are always accepted give 3 tokens a forward, 7 tokens in 3', () => {
  const engine = { num_speculative_tokens: 2, speculative_acceptance_rates: [1, 1] };
  const result = flyHand([at(0, 4, 7)], { engine });
  expect([result.passes, tokensMs(result)]).toEqual([3, [[10, 14]]]);
});

test('§10.4: in 7 blocks a second request of TensorRT-LLM waits for the first to end', () => {
  const engine = { backend: 'trtllm', num_gpu_blocks: 7 };
  const { requests } = flyHand([at(0, 4, 12), at(0, 4, 12)], { engine });
  expect(requests.firstAdmitNs[1]).toBe(requests.terminalNs[0]);
});
