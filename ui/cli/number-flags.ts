import { InvalidArgumentError, Option } from 'commander';

/** The value of a flag that counts something. */
export function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('allowed: a whole number from 1.');
}

/** A flag that counts something. */
export function counted(flags: string, description: string): Option {
  return new Option(flags, description).argParser(whole);
}

/** The value of a flag that is a rate or a length of time. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('allowed: a number above 0.');
}

/** The value of a flag that says how many times the mean something is. */
export function ratioFromOne(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1) return value;
  throw new InvalidArgumentError('allowed: a number from 1.');
}

/** The value of a flag that is a part of a whole. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('allowed: above 0, up to 1.');
}

/** The value of a flag that names a version, `v` in front or not: its first two numbers count. */
export function version(text: string): string {
  const bare = text.replace(/^v/i, '');
  if (/^\d+\.\d/.test(bare)) return bare;
  throw new InvalidArgumentError('allowed: a version, such as 0.15.1.');
}

/** `--seed`: what everything random is drawn from. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'seed of what is drawn').argParser(seed).default(42);
}

function seed(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('allowed: a whole number from 0.');
}
