import type { ClassProfile } from './class-profile.ts';

/**
 * The names by which requests ask for a class, as numbers that depend on the profile alone: an
 * explicit class has its place in the profile, the families follow in the order in which classes
 * name them.
 */
export class PolicyNames {
  /** Families in their order; family f has the number `classes + f`. */
  readonly families: readonly string[];
  readonly #numbers = new Map<string, number>();
  readonly #classes: ClassProfile['classes'];

  constructor({ classes }: ClassProfile) {
    this.#classes = classes;
    const families: string[] = [];
    for (const [place, { name, family }] of classes.entries()) {
      if (family === undefined) this.#numbers.set(name, place);
      else if (!this.#numbers.has(family)) {
        this.#numbers.set(family, classes.length + families.length);
        families.push(family);
      }
    }
    this.families = families;
  }

  /** The number of an explicit class or a family, −1 for any other name. */
  numberOf(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  /** The class or family of a number, undefined where there is none. */
  nameOf(number: number): string | undefined {
    return this.#classes[number]?.name ?? this.families[number - this.#classes.length];
  }
}
