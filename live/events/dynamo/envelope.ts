import { DecodeError } from '../decode/decode-error.ts';
import { isFields, readCount, readText } from '../decode/fields.ts';
import { unpack } from '../decode/unpack.ts';
import { pack } from './pack.ts';

/** What the event plane wraps every payload in (lib/runtime/src/transports/event_plane/frame.rs). */
export interface Envelope {
  /** Random for each publisher, below 2^53. */
  readonly publisher: number;
  /** Counts a publisher's messages, from 0 on. */
  readonly sequence: number;
  readonly publishedAtMs: number;
  readonly topic: string;
  readonly payload: Uint8Array;
}

const VERSION = 1;
const HEADER_BYTES = 5;

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return pack({
    publisher_id: envelope.publisher,
    sequence: envelope.sequence,
    published_at: envelope.publishedAtMs,
    topic: envelope.topic,
    payload: envelope.payload,
  });
}

export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const fields = unpack(bytes);
  if (!isFields(fields) || !(fields.payload instanceof Uint8Array)) {
    throw new DecodeError('an envelope must be a map with a payload', fields);
  }
  return {
    publisher: readCount(fields.publisher_id, 'publisher_id') ?? 0,
    sequence: readCount(fields.sequence, 'sequence') ?? 0,
    publishedAtMs: readCount(fields.published_at, 'published_at') ?? 0,
    topic: readText(fields.topic, 'topic') ?? '',
    payload: fields.payload,
  };
}

/** The frames of a message over ZMQ: topic, publisher, number, and the envelope behind its length. */
export function encodePlaneMessage(envelope: Envelope): readonly Uint8Array[] {
  const body = encodeEnvelope(envelope);
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  frame[0] = VERSION;
  new DataView(frame.buffer).setUint32(1, body.length);
  frame.set(body, HEADER_BYTES);
  const topic = new TextEncoder().encode(envelope.topic);
  return [topic, bigEndian(envelope.publisher), bigEndian(envelope.sequence), frame];
}

/** The envelope of a message over ZMQ; frames of another version or length are refused. */
export function decodePlaneMessage(parts: readonly Uint8Array[]): Envelope {
  const frame = parts.at(-1);
  if (frame === undefined || frame.length < HEADER_BYTES || frame[0] !== VERSION) {
    throw new DecodeError(`a frame of version ${VERSION} was expected`, frame);
  }
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
  if (length !== frame.length - HEADER_BYTES) {
    throw new DecodeError('a frame must be as long as it says', frame);
  }
  return decodeEnvelope(frame.subarray(HEADER_BYTES));
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
