import { defineEviction } from 'llm-windtunnel/policy';

/** Answers that nobody can find again go first, then what was found seldom. */
export const eviction = defineEviction(({ hits, generated }) => (generated ? -1 : hits));
