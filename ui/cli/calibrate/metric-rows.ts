import { unpackMultiple } from 'msgpackr';
import { InputError } from '#core/base/errors.ts';
import { type EvidenceRow, jsonRows } from '#core/perf/calibration/step-evidence.ts';
import { linesOf, readBytes } from '../text-lines.ts';

/** A message as it was taken off the wire: topic, number, and the record as msgpack, all in hex. */
interface RecordedMessage {
  readonly frames: readonly string[];
}

/**
 * The forward-pass metrics of a file: records of msgpack one after the other, a record a line of JSON,
 * or a message a line as it came over ZMQ. Throws an InputError with the file, and the line where there
 * are any, for what is none of them.
 */
export function readMetricRows(path: string): EvidenceRow[] {
  const bytes = readBytes(path);
  if (isMsgpackMap(bytes[0])) return numbered(unpacked(bytes, { file: path }));
  return jsonRows(linesOf(bytes, path), path).map(({ value, line }) => {
    if (!isMessage(value)) return { value, line };
    const record = Buffer.from(value.frames.at(-1) ?? '', 'hex');
    return { value: unpacked(record, { file: path, line })[0], line };
  });
}

/** The first byte of a map of msgpack: up to 15 keys, or a number of 16 or 32 bits of them. */
function isMsgpackMap(byte = 0): boolean {
  return (byte >= 0x80 && byte <= 0x8f) || byte === 0xde || byte === 0xdf;
}

function unpacked(
  bytes: Uint8Array,
  place: { readonly file: string; readonly line?: number },
): readonly unknown[] {
  try {
    return unpackMultiple(bytes) ?? [];
  } catch (error) {
    throw new InputError('evidence_invalid', `no msgpack: ${(error as Error).message}`, place);
  }
}

function numbered(values: readonly unknown[]): EvidenceRow[] {
  return values.map((value, index) => ({ value, line: index + 1 }));
}

function isMessage(value: unknown): value is RecordedMessage {
  return typeof value === 'object' && value !== null && 'frames' in value;
}
