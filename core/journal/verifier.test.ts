import { expect, test } from 'vitest';
import { fixtureLines, verify } from '#test/reference/written-journal.ts';

const LINES = fixtureLines();

/** The journal with one line put in the place of another, by its 1-based number; '' leaves it out. */
function withLine(number: number, text: string): string[] {
  const lines = LINES.with(number - 1, text);
  return lines.filter((line) => line !== '');
}

/** Numbers of a line that is there. */
function numberOf(text: string): number {
  expect(LINES).toContain(text);
  return LINES.indexOf(text) + 1;
}

test('the journal of version 1 gives its decisions again, in pieces of any size', () => {
  for (const pieceBytes of [1, 7, 64, 1e9]) {
    expect(verify(LINES, pieceBytes)).toEqual({
      lines: LINES.length,
      whole: true,
      restBytes: 0,
      facts: 17,
      decisions: 4,
      digest: 'da58f9d5a55dc3f5',
      difference: undefined,
    });
  }
});

test('a decision that core makes in another way is shown with both sides', () => {
  const line = numberOf('["d",1,1,2,2,0,0]');
  const { difference, whole } = verify(withLine(line, '["d",1,0,2,2,0,0]'));
  expect(whole).toBe(false);
  const sides = { request: 1, overlapBlocks: 2, bestOverlapBlocks: 2, queued: 0, outcome: 0 };
  expect(difference).toEqual({
    decision: 1,
    factLine: line - 1,
    fact: '["a",1,1,1,4,64,0,0.5]',
    atNs: 1_000_000,
    line,
    journal: { ...sides, target: 0 },
    core: { ...sides, target: 1 },
  });
});

test('a decision that one side does not make is a difference, too', () => {
  const line = numberOf('["d",0,1,2,2,0,0]');
  const missing = verify(withLine(line, '')).difference;
  expect(missing).toMatchObject({ decision: 0, line, factLine: line - 1, journal: undefined });
  expect(missing?.core).toMatchObject({ request: 0, target: 1 });
  expect(missing?.fact).toBe('["a",0,0,3,3,51]');
  const last = verify(withLine(LINES.length - 1, '')).difference;
  expect(last).toMatchObject({
    decision: 3,
    fact: '["a",3,-1,0,0,3,0,0,0,-1,-1,-1,0]',
    journal: undefined,
  });
  const twice = verify(LINES.toSpliced(line, 0, LINES[line - 1]!)).difference;
  expect(twice).toMatchObject({ decision: 1, line: line + 1, core: undefined });
  expect(twice?.journal).toMatchObject({ request: 0, target: 1 });
});

test('a fact that is changed changes what core decides', () => {
  const { difference } = verify(withLine(numberOf('["s",1,0,2]'), '["s",0,0,3]'));
  expect(difference).toMatchObject({ decision: 0, core: { target: 0, overlapBlocks: 3 } });
});

test('a journal that is cut after any byte verifies up to its last whole line', () => {
  const bytes = new TextEncoder().encode(`${LINES.join('\n')}\n`);
  const headerBytes = LINES[0]!.length + 1;
  for (let length = headerBytes; length <= bytes.length; length++) {
    const before = bytes.subarray(0, length);
    const lines = before.reduce((ends, byte) => ends + (byte === 10 ? 1 : 0), 0);
    const restBytes = length - before.lastIndexOf(10) - 1;
    const result = verify(before, 100);
    expect(result).toMatchObject({ lines, restBytes, difference: undefined });
    expect(result.whole).toBe(length === bytes.length);
  }
  const more = Uint8Array.of(...bytes, 91);
  expect(() => verify(more)).toThrow('the journal goes on after its last line');
  expect(() => verify(bytes.subarray(0, 0))).toThrow('run.journal.jsonl: the file is empty');
  for (const length of [1, headerBytes - 1]) {
    expect(() => verify(bytes.subarray(0, length))).toThrow('the journal has no first line');
  }
});

test('a request that arrives twice is refused', () => {
  const again = LINES.toSpliced(numberOf('["d",1,1,2,2,0,0]'), 0, LINES[10]!);
  expect(() => verify(again)).toThrow(/:13: the router refuses this fact: request 1 is active/);
});

test('lines that are missing without a difference are missed at the end', () => {
  const lines = withLine(numberOf('["p",0]'), '');
  expect(() => verify(lines)).toThrow(
    /^run\.journal\.jsonl:\d+: the last line counts 17 facts, 4 decisions, .*; there are 16 facts/,
  );
});

const LAST = LINES.length;

test.each([
  ['', 2, /no line before has said what the node is/],
  ['["n",0,0,0,3]', 2, /the node hangs nowhere/],
  ['["n",0,-1,0,0]', 2, /at least one block/],
  ['["n",-1,-1,0,2]', 2, /a node has an id from 0/],
  ['["n",0,-1,0]', 2, /:2: the line has 3 numbers, expected 4 or more; received/],
  ['["n",0,-1,0,2.5]', 2, /length must be a whole number from 0 to 16777215; received 2\.5/],
  ['["s",1,0,9e99]', 3, /blocks must be a whole number/],
  ['["s",1048576,0,1]', 3, /target must be a whole number from -1 to 1048575/],
  ['["s",1,0,0]', 3, /the router refuses this fact: a store names a target, a node and blocks/],
  ['["s",1,1,1]', 3, /no line before has said what the node is; received 1/],
  ['["s",1,0,2,{}]', 3, /no object belongs here/],
  ['["b"]', 3, /an object is missing/],
  [
    '["b",{"activePrefillTokens":"x"}]',
    3,
    /:3: activePrefillTokens: bad value; received "x"; allowed: a number from 0 up/,
  ],
  ['["m",0,{"requiredTaints":5}]', 3, /:3: requiredTaints: bad value; received 5/],
  ['["D",0,{"taint":[]}]', 3, /:3: taint: unknown key; .*did you mean "taints"/],
  ['["k",1]', 3, /no such kind of line; received "k"/],
  ['["é",1]', 3, /no such kind of line/],
  ['["s",01,0,2]', 3, /the line is no JSON/],
  ['{"a":1}', 3, /no such kind of line; received \{"a":1\}/],
  ['["z",1,"chat"]', 8, /names are numbered from 0; received 1/],
  ['["t",9007199254740991]', 7, /time runs out of exact numbers/],
  ['["a",0,0,3,4,51]', 5, /the router refuses this fact: totalBlocks disagrees/],
  [`${LINES[LAST - 1]}\n["p",0]`, LAST, /the journal goes on after its last line/],
])('a line that cannot be is refused by its number: %s', (text, number, message) => {
  expect(() => verify(withLine(number, text))).toThrow(message);
});

const HEADER = JSON.parse(LINES[0]!);

const withRouter = (changes: object) => ({ router: { ...HEADER.router, ...changes } });

test.each([
  [{ version: 2, program: '9.1.0' }, /version 2 is newer than version 1, .*\(9\.1\.0\)/],
  [{ version: 0 }, /:1: version: bad value; received 0; allowed: a whole number from 1 to 1/],
  [{ kind: 'report' }, /this is no journal/],
  [{ unit_blocks: 0 }, /unit_blocks: bad value; received 0; allowed: a whole number from 1 up/],
  [{ seed: 0.5 }, /seed: bad value; received 0\.5/],
  [{ stream: 7 }, /stream: bad value; received 7; allowed: text/],
  [{ program: 7 }, /program: bad value; received 7; allowed: text/],
  [{ router: [] }, /router: bad value; received \[\]; allowed: a mapping of /],
  [
    { router: { ...HEADER.router, targets: 1e9 } },
    /router\.targets: bad value.*allowed: a whole number from 0 to 1048575/,
  ],
  [
    withRouter({ mode: 'foo' }),
    /:1: router\.mode: bad value; received "foo"; allowed: kv_router, /,
  ],
  [withRouter({ mode: 'round-robin' }), /did you mean "round_robin"/],
  [
    withRouter({ costModel: 'xx' }),
    /router\.costModel: bad value; received "xx"; allowed: current, v1\.0/,
  ],
  [
    withRouter({ temperature: 'a' }),
    /router\.temperature: bad value; received "a"; allowed: a number from 0 up/,
  ],
  [
    withRouter({ blockSize: 0 }),
    /router\.blockSize: bad value; received 0; allowed: a whole number from 1 up/,
  ],
  [
    withRouter({ blockSize: undefined }),
    /router\.blockSize: missing; allowed: a whole number from 1 up/,
  ],
  [
    withRouter({ weights: 1 }),
    /router\.weights: unknown key; received 1; allowed: acceleratorToCpuRatio, /,
  ],
  [
    withRouter({ attributes: [{ taints: [5] }] }),
    /router\.attributes\[0\]\.taints\[0\]: bad value; received 5/,
  ],
  [withRouter({ approximate: { policy: 'ttl' } }), /router\.approximate\.ttlNs: missing/],
  [{ trace: { path: 'x' } }, /trace\.sha256: missing/],
])('a first line with %j is refused', (changes, message) => {
  expect(() => verify(withLine(1, JSON.stringify({ ...HEADER, ...changes })))).toThrow(message);
});

test('what is no journal at all is said to be none', () => {
  for (const text of ['[1]', '"text"', '{"timestamp":0}', '# A heading', '{"kind":']) {
    expect(() => verify([text])).toThrow(/run\.journal\.jsonl:1: this is no journal; write one/);
  }
});

test('nothing stands before the first line that could be sound', () => {
  const texts = LINES.map((line) => [line]).concat([['# A heading'], ['']]);
  for (const text of texts.slice(1)) {
    expect(() => verify(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('are sound') }),
    );
  }
  expect(() => verify(withLine(3, '["k",1]'))).toThrow('the lines before this one are sound');
});
