import { blake3 } from '@noble/hashes/blake3.js';
import { InputError } from '#core/base/errors.ts';
import {
  type BlockHashOptions,
  blockHashes,
  blockHashesWithSeed,
  fullBlockCount,
  sequenceHashes,
} from './block-hash.ts';

/** What routers must have in common for their keyed tracking hashes to agree. */
export interface TrackingScope {
  readonly keyId: string;
  readonly model: string;
  readonly routingGroup: string;
  readonly blockSize: number;
}

export type TrackingAlgorithm =
  | { readonly kind: 'public-xxh3-v1'; readonly blockSize: number }
  | { readonly kind: 'keyed-xxh3-v1'; readonly key: Uint8Array; readonly scope: TrackingScope };

export interface TrackingSeeds {
  readonly block: bigint;
  readonly chain: bigint;
}

const KEY_BYTES = 32;
const encoder = new TextEncoder();
const DOMAIN = encoder.encode('dynamo.router.tracking-hash/keyed-xxh3-v1\0');

/** Sequence hashes that name a request's blocks in a router's load accounting, and nowhere else. */
export function trackingHashes(
  algorithm: TrackingAlgorithm,
  tokens: ArrayLike<number>,
  options: BlockHashOptions = {},
): BigUint64Array<ArrayBuffer> {
  if (algorithm.kind === 'public-xxh3-v1') {
    return sequenceHashes(blockHashes(tokens, algorithm.blockSize, options));
  }
  const { blockSize } = algorithm.scope;
  fullBlockCount(tokens.length, blockSize, options.eagle);
  const seeds = trackingSeeds(algorithm.key, algorithm.scope, options);
  return sequenceHashes(blockHashesWithSeed(tokens, blockSize, seeds.block, options), seeds.chain);
}

/**
 * The seeds of keyed-xxh3-v1: the first and second 64 bits of BLAKE3, keyed with 32 secret bytes,
 * over the framed scope and salt. Whoever lacks the key cannot tell prompts from their hashes.
 */
export function trackingSeeds(
  key: Uint8Array,
  scope: TrackingScope,
  options: BlockHashOptions = {},
): TrackingSeeds {
  if (key.length !== KEY_BYTES) {
    throw new InputError('config_invalid', 'a tracking key has 32 bytes', {
      path: 'router_tracking_key_file',
      received: key.length,
    });
  }
  const blockSize = new DataView(new ArrayBuffer(4));
  blockSize.setUint32(0, scope.blockSize, true);
  const digest = blake3
    .create({ key })
    .update(DOMAIN)
    .update(frame(1, encoder.encode(scope.keyId)))
    .update(frame(2, encoder.encode(scope.model)))
    .update(frame(3, encoder.encode(scope.routingGroup)))
    .update(frame(4, new Uint8Array(blockSize.buffer)))
    .update(optionalFrame(5, options.cacheNamespace))
    .update(optionalFrame(6, options.loraName))
    .update(frame(7, Uint8Array.of(options.eagle ? 1 : 0)))
    .digest();
  const view = new DataView(digest.buffer, digest.byteOffset);
  return { block: view.getBigUint64(0, true), chain: view.getBigUint64(8, true) };
}

/** tag (1 byte), length (8 bytes, little-endian), contents. */
function frame(tag: number, contents: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + contents.length);
  bytes[0] = tag;
  new DataView(bytes.buffer).setUint32(1, contents.length, true);
  bytes.set(contents, 9);
  return bytes;
}

/** tag, 0 for an absent or empty text; otherwise tag, 1, length, contents. */
function optionalFrame(tag: number, text: string | undefined): Uint8Array {
  if (!text) return Uint8Array.of(tag, 0);
  const contents = encoder.encode(text);
  const bytes = new Uint8Array(10 + contents.length);
  bytes[0] = tag;
  bytes[1] = 1;
  new DataView(bytes.buffer).setUint32(2, contents.length, true);
  bytes.set(contents, 10);
  return bytes;
}
