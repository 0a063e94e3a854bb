import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { InputError, type InputErrorOptions } from '#core/base/errors.ts';

/** Where a config comes from: for messages. */
export interface ConfigPlace {
  readonly file?: string;
  /** The line of a dotted path, or of the nearest key above it. */
  readonly lineOf?: (path: string) => number | undefined;
}

/** A config file after parsing, before validation. */
export interface ConfigSource {
  readonly value: unknown;
  readonly place: ConfigPlace;
}

/** `<<` takes the keys of another mapping in, as most readers of YAML understand it. */
const PARSE_OPTIONS = { merge: true, prettyErrors: false } as const;

/**
 * Parses the text of a config file, YAML 1.2 with merge keys or JSON. An empty text is an empty
 * config. Throws an `InputError` with file and line on a syntax error, a key written twice, several
 * documents, or an alias that contains itself.
 */
export function parseConfigText(text: string, file: string): ConfigSource {
  const lines = new LineCounter();
  const { document, value } = parse(text, lines, { file });
  const lineOf = (path: string): number | undefined => {
    const offset = offsetOf(document.contents, path.split('.'));
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
  return { value: value ?? {}, place: { file, lineOf } };
}

/** Parses one value as YAML, given by a flag. `path` names it in the error. */
export function parseConfigValue(text: string, path: string, flag: string): unknown {
  return parse(text, undefined, { file: flag, path, received: text }).value;
}

/** Aliases are expanded only here, and the parser refuses those that grow without bound. */
function parse(
  text: string,
  lineCounter: LineCounter | undefined,
  place: InputErrorOptions,
): { readonly document: Document.Parsed; readonly value: unknown } {
  let fault: YAMLError | undefined;
  try {
    const document = parseDocument(text, { ...PARSE_OPTIONS, ...(lineCounter && { lineCounter }) });
    fault = document.errors[0] ?? document.warnings[0];
    const value: unknown = fault === undefined ? document.toJS() : undefined;
    if (fault === undefined && !containsItself(value, [])) return { document, value };
  } catch (error) {
    // The parser calls itself for each level, and expands what aliases stand for.
    const reason = error instanceof RangeError ? 'nested too deeply' : firstLine(messageOf(error));
    throw invalid(reason, place);
  }
  if (fault === undefined) throw invalid('an alias stands for a value that contains it', place);
  const line = lineCounter?.linePos(fault.pos[0]).line;
  throw invalid(faultText(fault), { ...place, ...(line !== undefined && { line }) });
}

function invalid(reason: string, place: InputErrorOptions): InputError {
  const language = place.file?.endsWith('.json') === true ? 'JSON' : 'YAML';
  return new InputError('config_invalid', `not valid ${language}: ${reason}`, place);
}

function faultText({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a config is one document; leave --- out' : firstLine(message);
}

function containsItself(value: unknown, above: readonly unknown[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.includes(value)) return true;
  const path = [...above, value];
  // An array answers to the names of its indices.
  const children = value as Readonly<Record<string, unknown>>;
  return Object.keys(value)
    .sort()
    .some((key) => containsItself(children[key], path));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** Where the key or the item of a path begins, or the nearest above it that is there. */
function offsetOf(contents: unknown, path: readonly string[]): number | undefined {
  let node = contents;
  let offset: number | undefined;
  for (const part of path) {
    const [name, ...indices] = part.split(/[[\]]+/).filter((text) => text !== '');
    if (!isMap(node)) return offset;
    const pair: Pair | undefined = node.items.find(
      (item) => isScalar(item.key) && String(item.key.value) === name,
    );
    if (pair === undefined || !isScalar(pair.key)) return offset;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
    for (const index of indices) {
      const item: unknown = isSeq(node) ? node.items[Number(index)] : undefined;
      if (!isNode(item)) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    }
  }
  return offset;
}
