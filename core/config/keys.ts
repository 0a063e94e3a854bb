import { assertDefined } from '#core/base/assert.ts';
import { allowedText } from './allowed.ts';
import { configJsonSchema, isSection, type KeySchema, keysOf, schemaAt } from './key-schema.ts';

/** One key as help, `config init` and messages show it. */
export interface ConfigKey {
  /** Dotted path, as `--set` takes it. */
  readonly path: string;
  readonly description: string;
  readonly allowed: string;
  /** Absent where the key has no default. */
  readonly defaultValue?: unknown;
  /** The `engine.timing.type` that the key belongs to. */
  readonly variant?: string;
  readonly required: boolean;
  readonly unit?: string;
  readonly source?: string;
  readonly whenAbsent?: string;
  readonly example?: string;
}

const keys: readonly ConfigKey[] = collect(configJsonSchema(), '', undefined);

/** Every key that holds a value, by section and name; one entry for each variant. */
export function configKeys(): readonly ConfigKey[] {
  return keys;
}

/** The same of another schema. */
export function keysBelow(top: KeySchema): readonly ConfigKey[] {
  return collect(top, '', undefined);
}

/** The description of a section such as `engine` or `workload.client`. */
export function sectionDescription(path: string): string {
  return schemaAt(path.split('.'))?.description ?? '';
}

function collect(node: KeySchema, prefix: string, variant: string | undefined): ConfigKey[] {
  if (node.oneOf !== undefined) {
    return node.oneOf.flatMap((option) =>
      collect(option, prefix, String(option.properties?.type?.const)),
    );
  }
  return keysOf(node).flatMap((name) => {
    const child = assertDefined(node.properties?.[name], `${name} is a key`);
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (isSection(child)) return collect(child, path, variant);
    return [keyOf(path, child, variant, node.required?.includes(name) ?? false)];
  });
}

/** A node of the schema that holds a value, as a person is told about it. */
export function keyOf(
  path: string,
  node: KeySchema,
  variant: string | undefined,
  required: boolean,
): ConfigKey {
  return {
    path,
    description: node.description ?? '',
    allowed: allowedText(node),
    required,
    ...(node.default === undefined ? {} : { defaultValue: node.default }),
    ...(variant === undefined ? {} : { variant }),
    ...(node['x-unit'] === undefined ? {} : { unit: node['x-unit'] }),
    ...(node['x-source'] === undefined ? {} : { source: node['x-source'] }),
    ...(node['x-when-absent'] === undefined ? {} : { whenAbsent: node['x-when-absent'] }),
    ...(node['x-example'] === undefined ? {} : { example: node['x-example'] }),
  };
}
