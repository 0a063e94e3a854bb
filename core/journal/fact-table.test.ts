import { expect, test } from 'vitest';
import { DecisionLog } from '#core/router/decisions.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { DECISION_COLUMNS, FACTS, NOTE_TAGS, QUERY_COLUMNS } from './fact-table.ts';

/** What a router offers besides facts: answers, which change nothing. */
const ANSWERS = ['constructor', 'pendingCount', 'explainLast', 'lastRejection', 'nextWakeupNs'];

test('every public method by which a router learns something is a fact of the journal', () => {
  const methods = Object.getOwnPropertyNames(Router.prototype).filter(
    (name) => !ANSWERS.includes(name),
  );
  expect(FACTS.map(({ name }): string => name).toSorted()).toEqual(methods.toSorted());
});

test('every field of a query is a column of its line', () => {
  const columns = QUERY_COLUMNS.map(({ name }): string => name);
  expect(columns.toSorted()).toEqual(Object.keys(newRouteQuery()).toSorted());
});

test('every column of the decisions is a column of their line', () => {
  const columns = Object.entries(new DecisionLog()).filter(([, value]) =>
    ArrayBuffer.isView(value),
  );
  const names = columns.map(([name]) => name);
  expect(DECISION_COLUMNS.map(({ name }): string => name).toSorted()).toEqual(names.toSorted());
});

test('each kind of line has one letter of its own', () => {
  const tags = [...FACTS.map(({ tag }) => tag), ...Object.values(NOTE_TAGS)];
  expect(new Set(tags).size).toBe(tags.length);
  for (const tag of tags) expect(tag).toMatch(/^[A-Za-z]$/);
});
