import { InputError } from '#core/base/errors.ts';
import type { FoundDecision } from '#core/journal/decision-search.ts';
import type { Ineligibility } from '#core/router/decision-observer.ts';
import { outcomeName, ROUTED } from '#core/router/decisions.ts';
import { explainFound } from './explain-found.ts';

const REASONS: Readonly<Record<Ineligibility, string>> = {
  pin: 'its own pin, or that of its session, names another worker',
  absent: 'the worker was not there',
  unavailable: 'the worker could not be reached',
  terms: 'the worker lacks a taint or the LoRA adapter that it asks for',
  overload: 'the worker was overloaded',
};

/**
 * Refuses what cannot be flown on with: a decision that sent its request nowhere, and a worker that
 * is not there, that it went to anyway, or that was not eligible for it.
 */
export async function checkChoice(
  file: string,
  found: FoundDecision,
  worker: number,
): Promise<void> {
  const { header, outcome, request, target } = found;
  if (outcome !== ROUTED) {
    throw new InputError(
      'usage',
      `request ${request} was not routed but rejected: ${outcomeName(outcome)}`,
      {
        file,
        remedy: 'choose a decision that sent a request to a worker',
      },
    );
  }
  const { targets } = header.router;
  const refuse = (problem: string, allowed: string): InputError =>
    new InputError('usage', problem, { path: '--worker', received: worker, allowed });
  if (worker >= targets) throw refuse('no such worker', `0 to ${targets - 1}`);
  const { ineligibility = [] } = (await explainFound(file, found)) ?? {};
  const others = [...ineligibility.keys()].filter(
    (other) => other !== target && ineligibility[other] === undefined,
  );
  const allowed = others.length === 0 ? 'none: no other was eligible' : rangesOf(others);
  if (worker === target) throw refuse(`request ${request} went to that worker as it was`, allowed);
  const reason = ineligibility[worker];
  if (reason === undefined) return;
  throw refuse(`request ${request} could not go there: ${REASONS[reason]}`, allowed);
}

/** Ascending numbers in words: `0 to 3, 5`. */
function rangesOf(numbers: readonly number[]): string {
  const starts = numbers.filter((number, place) => numbers[place - 1] !== number - 1);
  const ends = numbers.filter((number, place) => numbers[place + 1] !== number + 1);
  return starts
    .map((start, place) => (start === ends[place] ? `${start}` : `${start} to ${ends[place]}`))
    .join(', ');
}
