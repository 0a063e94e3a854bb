import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { needReference } from '../../test/shared.ts';
import { type BlockHashOptions, blockHashes, saltedSeed, sequenceHashes } from './block-hash.ts';

const range = (count: number, start = 0) => Array.from({ length: count }, (_, at) => start + at);
const hashesOf = (count: number, blockSize: number, options: BlockHashOptions = {}) =>
  Array.from(blockHashes(range(count), blockSize, options));

test('three blocks of four and their chain', () => {
  const blocks = blockHashes(range(12, 1), 4);
  expect(Array.from(blocks)).toEqual([
    14643705804678351452n,
    16777012769546811212n,
    483935686894639516n,
  ]);
  expect(Array.from(sequenceHashes(blocks))).toEqual([
    14643705804678351452n,
    4945711292740353085n,
    12583592247330656132n,
  ]);
  expect(Array.from(sequenceHashes([11n, 22n, 33n]))).toEqual([
    11n,
    750553365844651409n,
    3257565445809651757n,
  ]);
});

test('salts move the block seed', () => {
  const lora = { loraName: 'adapter-a' };
  const namespace = { cacheNamespace: 'tenant-a' };
  expect(saltedSeed({})).toBe(1337n);
  expect(saltedSeed(lora)).toBe(8842669519798868182n);
  expect(saltedSeed(namespace)).toBe(1948188790972764086n);
  expect(saltedSeed({ ...lora, ...namespace })).toBe(10790858310771630931n);
  expect(hashesOf(4, 4)).toEqual([9143094415614847814n]);
  expect(hashesOf(4, 4, lora)).toEqual([6665157333201000639n]);
  expect(hashesOf(4, 4, namespace)).toEqual([17009624042690211646n]);
  expect(hashesOf(4, 4, { ...lora, ...namespace })).toEqual([8269515957840517240n]);
  expect(hashesOf(4, 4, { loraName: '', cacheNamespace: '' })).toEqual([9143094415614847814n]);
});

test('multimodal hashes are appended in ascending order', () => {
  expect(hashesOf(4, 4, { multimodalHashes: [[42n]] })).toEqual([18280081842874931122n]);
  expect(hashesOf(4, 4, { multimodalHashes: [[7n, 42n]] })).toEqual([4581426371996505827n]);
  expect(hashesOf(4, 4, { multimodalHashes: [[42n, 7n]] })).toEqual([4581426371996505827n]);
});

test('Eagle windows overlap by one token', () => {
  const eagle = blockHashes(range(6), 2, { eagle: true });
  expect(Array.from(eagle)).toEqual([11646242937812223497n, 9948816348502404300n]);
  expect(sequenceHashes(eagle)[1]).toBe(16579128339329071142n);
  expect(hashesOf(6, 2)).toEqual([
    10918435022357402928n,
    10731123482949079648n,
    12189426826560619506n,
  ]);
  expect(hashesOf(0, 2, { eagle: true })).toEqual([]);
});

test('larger blocks; the tail is dropped', () => {
  expect(hashesOf(31, 16)).toEqual([15310707395893867146n]);
  expect(hashesOf(64, 64)).toEqual([3480597578098033343n]);
});

test('a block size of 0 is refused', () => {
  expect(() => hashesOf(2, 0)).toThrow(InputError);
});

interface VectorCase {
  readonly name: string;
  readonly block_size: number;
  readonly tokens?: readonly number[];
  readonly tokens_from?:
    | { readonly kind: 'range'; readonly count: number; readonly start: number }
    | { readonly kind: 'repeat'; readonly count: number; readonly token: number }
    | {
        readonly kind: 'lcg';
        readonly count: number;
        readonly seed: number;
        readonly modulus: number;
      };
  readonly lora_name?: string;
  readonly cache_namespace?: string;
  readonly is_eagle?: boolean;
  readonly block_mm_infos?: readonly ({ mm_objects: { mm_hash: number }[] } | null)[];
  readonly block_hashes?: readonly string[];
  readonly sequence_hashes?: readonly string[];
  readonly error?: string;
}

function vectorTokens(vector: VectorCase): readonly number[] {
  const rule = vector.tokens_from;
  if (rule === undefined) return vector.tokens!;
  if (rule.kind === 'range') return range(rule.count, rule.start);
  if (rule.kind === 'repeat') return range(rule.count).map(() => rule.token);
  let state = BigInt(rule.seed);
  return range(rule.count).map(() => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(rule.modulus));
  });
}

function vectorOptions(vector: VectorCase): BlockHashOptions {
  return {
    loraName: vector.lora_name ?? '',
    cacheNamespace: vector.cache_namespace ?? '',
    eagle: vector.is_eagle ?? false,
    multimodalHashes: (vector.block_mm_infos ?? []).map((block) =>
      block?.mm_objects.map((object) => BigInt(object.mm_hash)),
    ),
  };
}

test("the peer's vectors", (context) => {
  const path = needReference(context, 'parity', 'vectors', 'hashes.json');
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: VectorCase[] };
  expect(cases.length).toBeGreaterThanOrEqual(50);
  for (const vector of cases) {
    const hash = () => blockHashes(vectorTokens(vector), vector.block_size, vectorOptions(vector));
    if (vector.error !== undefined) {
      expect(hash, vector.name).toThrow(InputError);
      continue;
    }
    expect(Array.from(hash(), String), vector.name).toEqual(vector.block_hashes);
    expect(Array.from(sequenceHashes(hash()), String), vector.name).toEqual(vector.sequence_hashes);
  }
});
