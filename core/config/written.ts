import {
  childValue,
  configJsonSchema,
  isRecord,
  isSection,
  type KeySchema,
  type PathPart,
} from './key-schema.ts';
import { type SetOption, within } from './set-option.ts';

/** Who wrote a value. */
export type Origin = 'file' | 'set';

/** The paths of all values that a user wrote, with who wrote them. Lists are one value. */
export function originsOf(
  written: unknown,
  sets: readonly SetOption[],
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  const visit = (value: unknown, path: string): void => {
    if (!isRecord(value)) {
      const isSet = sets.some((set) => set.path === path || within(path, set.path));
      origins.set(path, isSet ? 'set' : 'file');
      return;
    }
    for (const key of Object.keys(value).sort()) {
      visit(value[key], path === '' ? key : `${path}.${key}`);
    }
  };
  visit(written, '');
  return origins;
}

/** `engine:` with nothing below it is what is left when all keys of a section are commented out. */
export function fillEmptySections(value: unknown, node: KeySchema = configJsonSchema()): unknown {
  if (value === null && isSection(node) && node.oneOf === undefined) return {};
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => {
    const known = node.properties !== undefined && Object.hasOwn(node.properties, key);
    return [key, known ? fillEmptySections(child, node.properties[key]) : child];
  });
  return Object.fromEntries(entries);
}

/** What stands at a path such as `engine.timing.prefill[2]`, or undefined. */
export function valueAtPath(value: unknown, path: string): unknown {
  const parts: readonly PathPart[] = path
    .split(/[.[]/)
    .map((part) => (part.endsWith(']') ? Number(part.slice(0, -1)) : part));
  return parts.reduce<unknown>((inner, part) => childValue(inner, part), value);
}
