import type { JsonObject } from './json-object.ts';

/** New values by key, as JSON text or bytes; `undefined` takes the key out. */
export type JsonEdits = Readonly<Record<string, string | Uint8Array | undefined>>;

/** One part of a buffer to be replaced. */
export interface ByteEdit {
  readonly from: number;
  readonly to: number;
  readonly by: string | Uint8Array;
}

/**
 * The object's text with some top-level values replaced, added (at its end) or taken out. Every other
 * byte stays as it was, and so do keys and their order. A key that is written several times is
 * written once afterwards.
 */
export function editObject(object: JsonObject, edits: JsonEdits): Buffer {
  const { bytes, entries } = object;
  const parts: (string | Uint8Array)[] = [];
  const written = new Set<string>();
  let gapFrom = object.from;
  let isFirst = true;
  for (const entry of entries) {
    // The gap before an entry holds its comma; whoever comes first takes the one behind the brace.
    const gapTo = entry.keyFrom;
    const edited = Object.hasOwn(edits, entry.key);
    const gone = edited && (edits[entry.key] === undefined || object.entry(entry.key) !== entry);
    if (!gone) {
      parts.push(
        isFirst ? bytes.subarray(object.from, entries[0]!.keyFrom) : bytes.subarray(gapFrom, gapTo),
      );
      parts.push(bytes.subarray(entry.keyFrom, edited ? entry.from : entry.to));
      if (edited) parts.push(edits[entry.key]!);
      written.add(entry.key);
      isFirst = false;
    }
    gapFrom = entry.to;
  }
  if (isFirst) parts.push('{');
  for (const [key, value] of Object.entries(edits)) {
    if (value === undefined || written.has(key)) continue;
    parts.push(isFirst ? '' : ',', JSON.stringify(key), ':', value);
    isFirst = false;
  }
  parts.push(entries.length === 0 || parts.length === 1 ? '}' : bytes.subarray(gapFrom, object.to));
  return joinBytes(parts);
}

/** The bytes with the given parts replaced; edits are in order and do not overlap. */
export function replaceParts(bytes: Uint8Array, edits: readonly ByteEdit[]): Buffer {
  const parts: (string | Uint8Array)[] = [];
  let from = 0;
  for (const edit of edits) {
    parts.push(bytes.subarray(from, edit.from), edit.by);
    from = edit.to;
  }
  parts.push(bytes.subarray(from));
  return joinBytes(parts);
}

function joinBytes(parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}
