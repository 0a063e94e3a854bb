/** What makes two runs of one seed differ, and nothing of ours uses while it flies. */
const AMBIENT = [
  { holder: Math, name: 'random' },
  { holder: globalThis, name: 'Date' },
  { holder: globalThis, name: 'performance' },
  { holder: globalThis, name: 'crypto' },
] as const;

/**
 * Runs `work` while clocks and ambient randomness are out of reach of a policy: what reads them
 * throws, at the line of the policy that did. Code of ours that needs a clock imports it by name.
 */
export function guardAmbient<Result>(work: () => Result): Result {
  const undo = AMBIENT.map(({ holder, name }) => forbid(holder, name));
  try {
    return work();
  } finally {
    for (const restore of undo) restore();
  }
}

function forbid(holder: object, name: string): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name)!;
  const value: unknown = Reflect.get(holder, name);
  const guarded = name === 'random' ? () => refuse('Math.random') : refusing(value as object, name);
  Object.defineProperty(holder, name, { value: guarded, configurable: true, writable: true });
  return () => Object.defineProperty(holder, name, before);
}

/** Stands for a clock or a source of randomness: dates that are given can still be read. */
function refusing(value: object, name: string): object {
  return new Proxy(value, {
    get: (target, key) => {
      if (name === 'Date' && key !== 'now') return Reflect.get(target, key);
      return () => refuse(`${name}.${String(key)}`);
    },
    apply: () => refuse(`${name}()`),
    construct: (target, args) => {
      if (args.length === 0) refuse(`new ${name}()`);
      return Reflect.construct(target as DateConstructor, args);
    },
  });
}

function refuse(what: string): never {
  const random = what === 'Math.random' || what.startsWith('crypto');
  const instead = random
    ? 'draw from the random that the function is given'
    : 'policies see no clock, only what their arguments hold';
  throw new Error(`${what} would make two runs of one seed differ; ${instead}`);
}
