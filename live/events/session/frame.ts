/** One message of a KV-event publisher, live or replayed, as far as it can be read without its payload. */
export interface EventFrame {
  readonly sequence: number;
  /** Who published it, where the sequence frame says so; else empty. */
  readonly publisher: string;
  readonly payload: Uint8Array;
}

export type ReadFrame = EventFrame | 'end' | undefined;

const SEQUENCE_BYTES = 8;
const END_WORD = 0xffff_ffff;
const WORD = 4_294_967_296;
const HIGH_MAX = 0x20_0000;

/**
 * A live message: topic, sequence, payload; undefined when it is none. Sequence numbers are unsigned
 * 64-bit big-endian. A frame may be longer: vLLM's open design for snapshots (its pull request 57789)
 * puts the 16-byte id of the publisher behind the number.
 */
export function readLiveFrame(parts: readonly Uint8Array[]): EventFrame | undefined {
  const frame = parts.length < 3 ? undefined : readReplayFrame(parts);
  return frame === 'end' ? undefined : frame;
}

/**
 * An answer of the replay socket, read from its end because releases differ in front: `sequence,
 * payload` before vLLM 0.26 and SGLang 0.5.22, `topic, sequence, payload` since. The end of a replay
 * has the number −1 or an empty payload.
 */
export function readReplayFrame(parts: readonly Uint8Array[]): ReadFrame {
  const payload = parts.at(-1);
  const number = parts.at(-2);
  if (payload === undefined || number === undefined || number.length < SEQUENCE_BYTES) {
    return undefined;
  }
  const view = new DataView(number.buffer, number.byteOffset, number.byteLength);
  const high = view.getUint32(0);
  const low = view.getUint32(4);
  if (payload.length === 0 || (high === END_WORD && low === END_WORD)) return 'end';
  if (high >= HIGH_MAX) return undefined;
  const publisher = Buffer.from(number.subarray(SEQUENCE_BYTES)).toString('hex');
  return { sequence: high * WORD + low, publisher, payload };
}

/** The frames that ask for a replay, as a DEALER sends them. */
export function replayRequest(from: number): readonly Uint8Array[] {
  const number = new DataView(new ArrayBuffer(SEQUENCE_BYTES));
  number.setBigUint64(0, BigInt(from));
  return [new Uint8Array(0), new Uint8Array(number.buffer)];
}
