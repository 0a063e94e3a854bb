import { isMap, isScalar, LineCounter, type Pair, parseDocument } from 'yaml';
import { InputError } from '#core/base/errors.ts';

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

/**
 * Parses the text of a config file, YAML 1.2 or JSON. An empty text is an empty config. Throws an
 * `InputError` with file and line on a syntax error, a key written twice, or several documents.
 */
export function parseConfigText(text: string, file: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    throw new InputError('config_invalid', `not valid YAML: ${firstLine(fault.message)}`, {
      file,
      line: lines.linePos(fault.pos[0]).line,
    });
  }
  const lineOf = (path: string): number | undefined => {
    const offset = offsetOf(document.contents, path.split('.'));
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
  const value = toValue(() => document.toJS() as unknown, { file });
  return { value: value ?? {}, place: { file, lineOf } };
}

/** Parses one value as YAML, for `--set`. `path` names it in the error. */
export function parseConfigValue(text: string, path: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    throw new InputError('config_invalid', `not valid YAML: ${firstLine(fault.message)}`, {
      file: '--set',
      path,
      received: text,
    });
  }
  return toValue(() => document.toJS() as unknown, { file: '--set', path });
}

/** Aliases are expanded only here, and the parser refuses those that grow without bound. */
function toValue(expand: () => unknown, place: { file: string; path?: string }): unknown {
  try {
    return expand();
  } catch (error) {
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    throw new InputError('config_invalid', `not valid YAML: ${reason}`, place);
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function offsetOf(contents: unknown, path: readonly string[]): number | undefined {
  let node = contents;
  let offset: number | undefined;
  for (const part of path) {
    if (!isMap(node)) return offset;
    const name = part.replace(/\[.*$/, '');
    const pair: Pair | undefined = node.items.find(
      (item) => isScalar(item.key) && String(item.key.value) === name,
    );
    if (pair === undefined || !isScalar(pair.key)) return offset;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
