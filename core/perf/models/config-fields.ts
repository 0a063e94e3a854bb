import { InputError } from '#core/base/errors.ts';

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Typed access to the fields of a model's `config.json`; every failure names the field. */
export class ConfigFields {
  readonly #json: Json;
  readonly #file: string | undefined;
  readonly #path: string;

  /** Throws an InputError where `json` is no object. */
  constructor(json: unknown, file?: string, path = '') {
    if (!isObject(json)) {
      throw new InputError('model_invalid', 'a model config is a JSON object', {
        received: json,
        ...(file !== undefined && { file }),
      });
    }
    this.#json = json;
    this.#file = file;
    this.#path = path;
  }

  /** The first of its architectures. */
  architecture(): string {
    const list = this.#json.architectures;
    const first = Array.isArray(list) ? list[0] : undefined;
    if (typeof first === 'string') return first;
    throw this.#error('architectures', list, 'a list with the name of a class');
  }

  section(key: string): ConfigFields | undefined {
    const value = this.#json[key];
    return isObject(value)
      ? new ConfigFields(value, this.#file, `${this.#path}${key}.`)
      : undefined;
  }

  /** A field that must be there: a whole number of at least 1. */
  count(key: string): number {
    const value = this.optionalCount(key);
    if (value !== undefined) return value;
    throw this.#error(key, this.#json[key], 'a whole number from 1');
  }

  /** The same where the field may be absent or null. */
  optionalCount(key: string, least = 1): number | undefined {
    const value = this.#json[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
    throw this.#error(key, value, `a whole number from ${least}`);
  }

  flag(key: string, whenAbsent: boolean): boolean {
    const value = this.#json[key] ?? whenAbsent;
    if (typeof value === 'boolean') return value;
    throw this.#error(key, value, 'true or false');
  }

  text(key: string): string | undefined {
    const value = this.#json[key] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw this.#error(key, value, 'text');
  }

  /** Refuses the value of a field, which is there. */
  refuse(key: string, allowed: string): never {
    throw this.#error(key, this.#json[key], allowed);
  }

  list(key: string): readonly unknown[] | undefined {
    const value = this.#json[key] ?? undefined;
    if (value === undefined || Array.isArray(value)) return value;
    throw this.#error(key, value, 'a list');
  }

  #error(key: string, received: unknown, allowed: string): InputError {
    const problem = received === undefined ? 'this field is missing' : 'this field has no use';
    return new InputError('model_invalid', problem, {
      path: `${this.#path}${key}`,
      allowed,
      ...(received !== undefined && { received }),
      ...(this.#file !== undefined && { file: this.#file }),
    });
  }
}
