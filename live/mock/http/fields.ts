import { type FieldFault, invalidBody } from './problem.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const INTEGER = 'Input should be a valid integer';

/**
 * Reads the fields of a body and notes what is wrong with them; unknown ones are nobody's business,
 * and null is as good as absent. Call `check` when all have been read.
 */
export class Fields {
  readonly #body: JsonObject;
  readonly #path: string;
  readonly #faults: FieldFault[];

  constructor(body: JsonObject, path = 'body', faults: FieldFault[] = []) {
    this.#body = body;
    this.#path = path;
    this.#faults = faults;
  }

  /** Throws all that is wrong, if anything is. */
  check(): void {
    if (this.#faults.length > 0) throw invalidBody(this.#faults);
  }

  raw(name: string): unknown {
    return this.#body[name] ?? undefined;
  }

  fault(name: string, type: string, msg: string): undefined {
    const loc = `${this.#path}.${name}`;
    this.#faults.push({ type, loc, msg, input: this.#body[name] });
    return undefined;
  }

  /** A field that must be there. */
  needed(name: string): unknown {
    const value = this.raw(name);
    if (value !== undefined) return value;
    const loc = `${this.#path}.${name}`;
    this.#faults.push({ type: 'missing', loc, msg: 'Field required', input: this.#body });
    return undefined;
  }

  integer(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number') {
      if (Number.isInteger(value)) return value;
      return this.fault(name, 'int_from_float', `${INTEGER}, got a number with a fractional part`);
    }
    if (typeof value !== 'string') return this.fault(name, 'int_type', INTEGER);
    if (/^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
    return this.fault(name, 'int_parsing', `${INTEGER}, unable to parse string as an integer`);
  }

  number(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'number') return value;
    return this.fault(name, 'float_type', 'Input should be a valid number');
  }

  boolean(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined) return false;
    if (typeof value === 'boolean') return value;
    this.fault(name, 'bool_type', 'Input should be a valid boolean');
    return false;
  }

  string(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    return this.fault(name, 'string_type', 'Input should be a valid string');
  }

  /** One string or a list of them. */
  strings(name: string): readonly string[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    this.fault(name, 'list_type', 'Input should be a valid list');
    return [];
  }

  integers(name: string): readonly number[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every(Number.isInteger)) return value as number[];
    this.fault(name, 'list_type', 'Input should be a valid list');
    return [];
  }

  /** A nested object, whose faults count with the others; empty where it is absent. */
  object(name: string): Fields {
    const value = this.raw(name);
    const path = `${this.#path}.${name}`;
    if (value === undefined) return new Fields({}, path, this.#faults);
    if (typeof value === 'object' && !Array.isArray(value)) {
      return new Fields(value as JsonObject, path, this.#faults);
    }
    this.fault(name, 'model_attributes_type', 'Input should be a valid dictionary');
    return new Fields({}, path, this.#faults);
  }
}
