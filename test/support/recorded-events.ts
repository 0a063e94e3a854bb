import { readFileSync } from 'node:fs';

/** One message of a recording under `peers/kv-events`. */
export interface RecordedMessage {
  /** What was being done when it came; `replay-N` for answers of the replay socket. */
  readonly step: string;
  readonly seqHex: string;
  readonly at: number;
  readonly length: number;
  /** The decoded view; absent at the end of a replay. */
  readonly events?: readonly unknown[];
  /** Frames before the payload, as hex, where they were recorded. */
  readonly frames?: readonly string[];
  readonly parts: number;
}

export interface RecordedStep {
  readonly name: string;
  readonly prompts?: readonly (readonly number[])[];
  readonly answers: readonly {
    readonly usage?: { readonly prompt_tokens_details?: { readonly cached_tokens: number } };
  }[];
}

export interface Recording {
  readonly facts: { readonly blockSize?: number };
  readonly steps?: readonly RecordedStep[];
  readonly messages: readonly RecordedMessage[];
}

/** A recording and the payload of each of its messages. */
export function readRecording(path: string): {
  readonly recording: Recording;
  readonly payloadOf: (message: RecordedMessage) => Uint8Array;
} {
  const recording = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Recording;
  const bytes = readFileSync(`${path}.bin`);
  return { recording, payloadOf: ({ at, length }) => bytes.subarray(at, at + length) };
}

/** A value of the decoded view as msgpack gives it: big integers and bytes are written as objects. */
export function plainView(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainView);
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('u64' in value) return BigInt(String(value.u64));
  if ('hex' in value) return `hex ${String(value.hex)}`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainView(inner)]));
}
