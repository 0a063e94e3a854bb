import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { ownFaults } from '#live/faults.ts';
import { needReference } from '#test/shared.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { type RecordedMessage, readRecording } from '#test/support/recorded-events.ts';
import { RankFeed } from './rank-feed.ts';

const TARGET = 0;

function openFeed(blockSize: number) {
  const facts = new IndexFacts();
  return { facts, feed: new RankFeed({ target: TARGET, blockSize, facts, rank: 0, ranks: 1 }) };
}

const numberOf = ({ seqHex }: RecordedMessage) => Number.parseInt(seqHex, 16);

function clearsFirst({ events = [] }: RecordedMessage): boolean {
  const [first] = (events[1] ?? []) as { readonly type?: string }[];
  return first?.type === 'AllBlocksCleared';
}

/**
 * Recordings of engines under a script of prompts. Where a step sends one prompt, what the index says
 * before it is what the engine then says it has found in its cache. The engine of the first one had
 * published before the recorder came: its replay tells what.
 */
for (const [name, leastChecked] of [
  ['vllm-0.32.0-sha256', 9],
  ['vllm-0.32.0-sha256cbor-bytes', 9],
  ['dynamo-mocker-1.6.1', 6],
] as const) {
  test(`what ${name} finds in its cache is what its events have told`, (context) => {
    const path = needReference(context, 'peers', 'kv-events', `${name}.json`);
    const { recording, payloadOf } = readRecording(path.slice(0, -'.json'.length));
    const blockSize = recording.facts.blockSize!;
    const { facts, feed } = openFeed(blockSize);
    const live = recording.messages.filter(({ step }) => !step.startsWith('replay'));
    const first = numberOf(live[0]!);
    for (const message of recording.messages) {
      const isBefore = message.step === 'replay-0' && message.events !== undefined;
      if (isBefore && numberOf(message) < first) feed.batch(payloadOf(message));
    }
    let checked = 0;
    for (const step of recording.steps ?? []) {
      const [prompt] = step.prompts ?? [];
      const said = step.answers[0]?.usage?.prompt_tokens_details?.cached_tokens;
      if (prompt !== undefined && step.prompts?.length === 1 && said !== undefined) {
        const clears = live.find((message) => message.step === step.name && clearsFirst(message));
        if (step.name !== 'salt') {
          // A reset is told only in front of the stores of the step after it.
          const overlap = clears === undefined ? facts.overlap(TARGET, prompt, blockSize) : 0;
          const held = overlap * blockSize;
          // The last token is always computed.
          const usable = Math.floor((prompt.length - 1) / blockSize) * blockSize;
          expect([step.name, Math.min(held, usable)]).toEqual([step.name, said]);
          checked++;
        }
      }
      for (const message of live) if (message.step === step.name) feed.batch(payloadOf(message));
    }
    expect(checked).toBeGreaterThanOrEqual(leastChecked);
    expect(feed.batches.undecodable).toBe(0);
    expect(feed.blocks).toMatchObject({ unknownRemovals: 0, unknownParents: 0, renamedBlocks: 0 });
    expect(feed.lack).toBeUndefined();
  });
}

test('bytes that are no batch are counted and throw nothing', () => {
  const { feed } = openFeed(4);
  expect(feed.batch(Uint8Array.of(1, 2, 3))).toBe('unreadable');
  expect(feed.batches.undecodable).toBe(1);
  expect(feed.lastProblem).toContain('msgpack');
});

test('a clear that comes with the next step stands in front of its stores', () => {
  const { feed, facts } = openFeed(2);
  const store = (hash: number, tokens: number[]) => ['BlockStored', [hash], null, tokens, 2];
  expect(feed.batch(pack([1, [store(1, [1, 2])]]))).toBe('applied');
  expect(feed.batch(pack([2, [['AllBlocksCleared'], store(2, [3, 4])]]))).toBe('cleared');
  expect([facts.overlap(0, [1, 2], 2), facts.overlap(0, [3, 4], 2)]).toEqual([0, 1]);
});

test('a batch of another rank is not this rank’s, and a lone rank may have any number', () => {
  const facts = new IndexFacts();
  const options = { target: 1, blockSize: 2, facts, rank: 1 };
  const batch = pack([1, [['BlockStored', [1], null, [1, 2], 2]], 0]);
  const second = new RankFeed({ ...options, ranks: 2 });
  expect([second.batch(batch), second.batches.otherRank]).toEqual(['unreadable', 1]);
  expect(second.lastProblem).toBe('a batch of rank 0 on the socket of rank 1');
  expect(new RankFeed({ ...options, ranks: 1 }).batch(batch)).toBe('applied');
});

test('a fault of ours is told as one, and costs the batch and no more', () => {
  const { feed, facts } = openFeed(2);
  const batch = (hash: number, tokens: number[]) =>
    pack([1, [['BlockStored', [hash], null, tokens, 2]]]);
  const stored = facts.stored.bind(facts);
  facts.stored = () => {
    throw new TypeError('a fault of a test');
  };
  const before = ownFaults.count;
  expect(feed.batch(batch(1, [1, 2]))).toBe('unreadable');
  expect([ownFaults.count - before, feed.batches.undecodable]).toEqual([1, 0]);
  expect(feed.lastProblem).toBe('a fault of a test');
  facts.stored = stored;
  feed.forget();
  expect(feed.batch(batch(2, [3, 4]))).toBe('applied');
  expect(facts.overlap(0, [3, 4], 2)).toBe(1);
});
