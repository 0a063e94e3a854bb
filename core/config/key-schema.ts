import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The parts of JSON Schema that the config uses; the published schema is made of these nodes. */
export interface KeySchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly required?: readonly string[];
  readonly items?: KeySchema | false;
  /** Of a mapping whose keys the user names. */
  readonly additionalProperties?: KeySchema | false;
  readonly prefixItems?: readonly KeySchema[];
  readonly oneOf?: readonly KeySchema[];
  readonly anyOf?: readonly KeySchema[];
  readonly 'x-unit'?: string;
  readonly 'x-source'?: string;
  readonly 'x-when-absent'?: string;
  readonly 'x-allowed'?: string;
  readonly 'x-example'?: string;
}

const root = z.toJSONSchema(configSchema, { io: 'input' }) as KeySchema;

/** The JSON Schema (draft 2020-12) of a config file. */
export function configJsonSchema(): KeySchema {
  return root;
}

/**
 * The JSON Schema as a file for editors. There a section may be empty too, which is what is left
 * when all of its keys are commented out.
 */
export function editorSchemaText(): string {
  const sections = Object.entries(root.properties ?? {}).map(([name, node]): [string, unknown] => [
    name,
    isSection(node) ? { ...node, type: [node.type, 'null'] } : node,
  ]);
  const schema = { ...root, properties: Object.fromEntries(sections) };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The keys that a mapping may hold, by name; those of every variant where there are several. */
export function keysOf(node: KeySchema): readonly string[] {
  const variants = node.oneOf ?? node.anyOf ?? [node];
  const names = variants.flatMap((variant) => Object.keys(variant.properties ?? {}).sort());
  return names.filter((name, index) => names.indexOf(name) === index);
}

/** Whether the node is a mapping of keys, not a value. */
export function isSection(node: KeySchema): boolean {
  return node.properties !== undefined || node.oneOf !== undefined;
}

/** The variant of a `oneOf` that the written `type` names; the node itself where nothing varies. */
export function variantFor(node: KeySchema, written: unknown): KeySchema | undefined {
  if (node.oneOf === undefined) return node;
  const type = isRecord(written) ? written.type : undefined;
  return node.oneOf.find((variant) => variant.properties?.type?.const === type);
}

/**
 * The schema at a path, or undefined where no such key exists. `written` is the value of the whole
 * config; its `type` keys choose variants, and without it any variant that has the key will do.
 */
export function schemaAt(
  path: readonly PathPart[],
  written?: unknown,
  top: KeySchema = root,
): KeySchema | undefined {
  let node: KeySchema | undefined = top;
  let value = written;
  for (const part of path) {
    if (node === undefined) return undefined;
    node = childSchema(node, part, value);
    value = childValue(value, part);
  }
  return node;
}

function childSchema(node: KeySchema, part: PathPart, value: unknown): KeySchema | undefined {
  if (typeof part === 'number') return node.prefixItems?.[part] ?? (node.items || undefined);
  if (node.anyOf !== undefined) {
    const found = node.anyOf.map((option) => childSchema(option, part, value));
    return found.find((child) => child !== undefined);
  }
  const chosen = variantFor(node, value);
  const variants = chosen === undefined ? (node.oneOf ?? []) : [chosen, ...(node.oneOf ?? [])];
  for (const { properties } of variants) {
    if (properties !== undefined && Object.hasOwn(properties, part)) return properties[part];
  }
  if (node.properties === undefined && node.additionalProperties) return node.additionalProperties;
  return undefined;
}

export type PathPart = string | number;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a key or index, or undefined; inherited properties do not count. */
export function childValue(value: unknown, part: PathPart): unknown {
  if (typeof part === 'number') return Array.isArray(value) ? (value[part] as unknown) : undefined;
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** `engine.timing.prefill[2][0]` for people. */
export function formatPath(path: readonly PathPart[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
