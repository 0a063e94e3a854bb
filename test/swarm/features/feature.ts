import type { Draw } from '../draw.ts';
import type { Flight } from '../flight.ts';

/** Something that a cluster or its traffic may have. */
export interface Feature {
  /** Words, as the tally shows them. */
  readonly name: string;
  /** Part of every flight, which the mix leaves no choice about. */
  readonly always?: true;
  /** How much more often than others a flight has it; 1 without it. */
  readonly weight?: number;
  /** Whether it means anything beside what is drawn already; always without it. */
  fits?(flight: Flight): boolean;
  /** Writes its keys and changes the rows. What turns out to mean nothing is taken away later. */
  lay(flight: Flight, draw: Draw): void;
}
