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
  type YAMLMap,
  type YAMLSeq,
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
    const offset = offsetOf(document.contents, path);
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

/** Where the key or list item of a path begins; of the nearest one above it where it is missing. */
function offsetOf(contents: unknown, path: string): number | undefined {
  let node = contents;
  let rest = path;
  let offset: number | undefined;
  while (rest !== '') {
    const step = isMap(node) ? intoMap(node, rest) : isSeq(node) ? intoList(node, rest) : undefined;
    if (step === undefined) return offset;
    offset = step.offset ?? offset;
    node = step.node;
    rest = step.rest;
  }
  return offset;
}

interface PathStep {
  readonly offset: number | undefined;
  readonly node: unknown;
  readonly rest: string;
}

/** Keys may contain dots, so the longest that the path begins with is meant. */
function intoMap(map: YAMLMap, path: string): PathStep | undefined {
  let longest: { readonly name: string; readonly pair: Pair } | undefined;
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const next = path[name.length];
    const matches = path.startsWith(name) && (next === undefined || next === '.' || next === '[');
    if (matches && name.length > (longest?.name.length ?? 0)) longest = { name, pair };
  }
  if (longest === undefined) return undefined;
  const { name, pair } = longest;
  const rest = path.slice(name.length).replace(/^\./, '');
  return { offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined, node: pair.value, rest };
}

function intoList(list: YAMLSeq, path: string): PathStep | undefined {
  const index = /^\[(\d+)\]\.?/.exec(path);
  if (index === null) return undefined;
  const node: unknown = list.items[Number(index[1])];
  const offset = isNode(node) ? node.range?.[0] : undefined;
  return { offset, node, rest: path.slice(index[0].length) };
}
