import { z } from 'zod';

/** The schema below a default: what may be written where a key is written at all. */
type Written<Schema> =
  Schema extends z.ZodDefault<infer Inner>
    ? Inner
    : Schema extends z.ZodPrefault<infer Inner>
      ? Inner
      : Schema extends z.ZodExactOptional<infer Inner>
        ? Inner
        : Schema;

type OverrideShape<Shape extends z.core.$ZodLooseShape> = {
  [Key in keyof Shape]: z.ZodExactOptional<Extract<Written<Shape[Key]>, z.core.SomeType>>;
};

/**
 * The keys of a section, each of which may be left out: what is written counts instead of the
 * section's own value, and nothing is filled in.
 */
export function overridesOf<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<OverrideShape<Shape>, z.core.$strict> {
  const entries = Object.entries(shape).map(([key, schema]): [string, z.ZodType] => {
    const given = schema as z.ZodType;
    const { id: _id, ...notes } = given.meta() ?? {};
    return [key, writtenSchema(given).exactOptional().meta(notes)];
  });
  return z.strictObject(Object.fromEntries(entries)) as unknown as z.ZodObject<
    OverrideShape<Shape>,
    z.core.$strict
  >;
}

function writtenSchema(schema: z.ZodType): z.ZodType {
  const isWrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodExactOptional;
  return isWrapped ? (schema.unwrap() as z.ZodType) : schema;
}
