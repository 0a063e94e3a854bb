import { Packr } from 'msgpackr';

/** A KV event in the form of vLLM 0.24 and later: a map whose `type` names it. */
export type WireEvent =
  | {
      readonly type: 'BlockStored';
      readonly block_hashes: readonly bigint[];
      readonly parent_block_hash: bigint | null;
      readonly token_ids: readonly number[];
      readonly block_size: number;
      readonly lora_id: null;
      readonly medium: 'GPU';
      readonly lora_name: string | null;
      readonly extra_keys?: readonly (readonly string[] | null)[];
      readonly group_idx: 0;
      readonly kv_cache_spec_kind: 'full_attention';
    }
  | {
      readonly type: 'BlockRemoved';
      readonly block_hashes: readonly bigint[];
      readonly medium: 'GPU';
      readonly group_idx: 0;
    }
  | { readonly type: 'AllBlocksCleared' };

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** One step's events as msgpack: [seconds since 1970, [maps], data-parallel rank]. */
export function encodeBatch(
  seconds: number,
  events: readonly WireEvent[],
  rank: number,
): Uint8Array {
  // A whole number would be written as one, and readers expect a float.
  const ts = Number.isInteger(seconds) ? seconds + 1e-6 : seconds;
  return packr.pack([ts, events, rank]);
}

/** A sequence number as the wire has it: unsigned, 64 bits, the highest byte first. */
export function sequenceFrame(sequence: bigint): Uint8Array {
  const frame = new Uint8Array(8);
  new DataView(frame.buffer).setBigUint64(0, sequence);
  return frame;
}
