import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '#core/base/canonical-json.ts';
import type { ResolvedConfig } from './schema.ts';

/** SHA-256, in hex, of the canonical JSON of a config: the same for the same run, anywhere. */
export function configDigest(config: ResolvedConfig): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(config))));
}
