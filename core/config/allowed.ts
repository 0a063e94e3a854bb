import { type KeySchema, keysOf } from './key-schema.ts';

/** Keys of a row that are all named. */
const MOST_KEYS = 10;

/** What may be written at a key, in words. Help, templates and messages all say this. */
export function allowedText(node: KeySchema): string {
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return node.enum.join(', ');
  if (node.anyOf !== undefined) return node.anyOf.map((item) => allowedText(item)).join(', or ');
  if (node.oneOf !== undefined) return `a mapping whose type is ${allowedTypes(node).join(', ')}`;
  if (node.properties !== undefined) return `a mapping of ${keysOf(node).join(', ')}`;
  if (node.prefixItems !== undefined) {
    return `[${node.prefixItems.map((item) => allowedText(item)).join(', ')}]`;
  }
  if (node.type === 'array') {
    const rows = node.items ? `, each ${rowText(node.items)}` : '';
    return `a list of ${leastRows(node.minItems ?? 0)}${rows}`;
  }
  if (node.type === 'object') {
    const named = node.additionalProperties && node.additionalProperties.type === 'string';
    return named ? 'a mapping of names to names' : 'a mapping';
  }
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'string') return textOf(node);
  return numberText(node);
}

function leastRows(least: number): string {
  if (least === 0) return 'rows';
  return `at least ${least} ${least === 1 ? 'row' : 'rows'}`;
}

/** A row of a list; of a mapping of many keys those that it needs, lest a message fills a screen. */
function rowText(node: KeySchema): string {
  const { required = [] } = node;
  const others = keysOf(node).length - required.length;
  if (required.length === 0 || required.length + others <= MOST_KEYS) return allowedText(node);
  return `a mapping of ${required.join(', ')} and ${others} other keys`;
}

/** The names that a `type` key may have. */
export function allowedTypes(node: KeySchema): readonly string[] {
  return (node.oneOf ?? []).map((variant) => String(variant.properties?.type?.const));
}

function textOf({ pattern, 'x-allowed': words }: KeySchema): string {
  if (words !== undefined) return words;
  return pattern === undefined ? 'text' : `text that matches ${pattern}`;
}

function numberText(node: KeySchema): string {
  const kind = node.type === 'integer' ? 'a whole number' : 'a number';
  const open = node.maximum === Number.MAX_SAFE_INTEGER;
  const most = open ? undefined : node.maximum;
  const to = most === undefined ? '' : ` to ${most}`;
  if (node.exclusiveMinimum !== undefined) {
    return `${kind} above ${node.exclusiveMinimum}${most === undefined ? '' : ` up${to}`}`;
  }
  const least = node.minimum ?? 0;
  return most === undefined ? `${kind} from ${least} up` : `${kind} from ${least}${to}`;
}
