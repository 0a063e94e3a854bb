import { configJsonSchema, isSection, type KeySchema, keysOf } from './key-schema.ts';
import { type ConfigKey, keyOf } from './keys.ts';

const SECTIONS = keysOf(configJsonSchema());

const keys: readonly ConfigKey[] = collect(configJsonSchema(), '', false);

/**
 * The keys of what stands in lists, such as `cluster.pools[].role`. Mappings that are named like a
 * section hold keys of that section, and are one key here.
 */
export function rowKeys(): readonly ConfigKey[] {
  return keys;
}

function collect(node: KeySchema, prefix: string, isRow: boolean): ConfigKey[] {
  return (node.oneOf ?? [node]).flatMap(({ properties = {}, required = [] }) =>
    Object.keys(properties)
      .sort()
      .flatMap((name) => {
        const child = properties[name]!;
        const path = prefix === '' ? name : `${prefix}.${name}`;
        if (isSection(child) && !(isRow && SECTIONS.includes(name))) {
          return collect(child, path, isRow);
        }
        const own = isRow ? [keyOf(path, child, undefined, required.includes(name))] : [];
        const rows = child.items || undefined;
        return rows === undefined ? own : [...own, ...collect(rows, `${path}[]`, true)];
      }),
  );
}
