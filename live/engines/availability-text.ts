import type { BlockReason } from './availability.ts';

const AWAY: Readonly<Record<BlockReason, string>> = {
  unhealthy: 'it does not answer when asked how it is',
  failing: 'it kept failing requests',
};
const BACK: Readonly<Record<BlockReason, string>> = {
  unhealthy: 'it answers when asked how it is',
  failing: 'requests may try it once more',
};

/** That an engine is left alone, and that it is not any more, and why: a line for whoever runs the router. */
export function availabilityText(name: string, available: boolean, reason: BlockReason): string {
  return available
    ? `engine ${name} is back: ${BACK[reason]}`
    : `engine ${name} is away: ${AWAY[reason]}`;
}
