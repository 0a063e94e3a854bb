import { expect, test } from 'vitest';
import { DecisionLog } from '#core/router/decisions.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { DECISION_COLUMNS, FACTS, type FactKind, NOTE_TAGS, QUERY_COLUMNS } from './fact-table.ts';
import { FactValues } from './fact-values.ts';
import { JournalEntry, JournalReader } from './journal-reader.ts';
import { LineWriter } from './line-writer.ts';
import { RecordingRouter } from './recording-router.ts';

/** What a router offers besides facts: answers, which change nothing. */
const ANSWERS = [
  'candidates',
  'targetCount',

  'constructor',
  'pendingCount',
  'explainLast',
  'lastRejection',
  'nextWakeupNs',
  'look',
  'targetOf',
  'observer',
];

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

const NO_CONTENT = {
  unitBlocks: 1,
  contentIds: new Uint32Array(0),
  contentAt: () => -1,
  contentUnits: () => 0,
};

/** A router that only notes what it is told, as text. */
function listener(heard: string[]): RoutingMachine {
  const facts = FACTS.map(({ name }) => {
    const hear = (...args: readonly unknown[]) => heard.push(`${name} ${JSON.stringify(args)}`);
    return [name, hear];
  });
  return { ...Object.fromEntries(facts), decisions: new DecisionLog(), pendingCount: 0 };
}

/** With their keys in order, as they are written. */
const OBJECTS: Partial<Record<FactKind['name'], object>> = {
  describeTarget: {
    device: 'cpu',
    rank: 1,
    taints: ['é', 'b'],
    topology: { zone: 'a' },
    worker: 3,
  },
  defineTerms: { overrides: { temperature: 0.25 }, preferredTaints: { é: -0.5 } },
  setBusyThresholds: { activePrefillTokensFrac: 0.5 },
};

/** Numbers that no two columns of a fact have in common. */
function valuesOf({ name, columns, repeats }: FactKind): FactValues {
  const values = new FactValues();
  values.object = OBJECTS[name];
  for (let index = 0; index < columns.length + (repeats === true ? 2 : 0); index++) {
    // What is true or false is 1 or 0.
    values.push(columns[index]?.name === 'available' ? 1 : index + 1);
  }
  return values;
}

test('each fact that is told to a recorder can be read again and told the same', () => {
  const nodes = Int32Array.from({ length: 40 }, () => -1);
  const length = nodes.map(() => 9);
  const forest = { parent: nodes, attach: length.map(() => 0), length };
  const serial = Float64Array.from(nodes, (_, node) => node + 1);
  const first: string[] = [];
  const reader = new JournalReader('run.journal.jsonl');
  const header = {
    kind: 'windtunnel.journal',
    version: 1,
    program: '',
    seed: 1,
    stream: '',
    unit_blocks: 1,
  };
  const writer = new LineWriter((chunk) => reader.push(chunk));
  writer.line(JSON.stringify({ ...header, router: kvOptions(0) }));
  const recorder = new RecordingRouter(
    listener(first),
    { ...forest, serial, ...NO_CONTENT },
    writer,
    () => {},
  );
  for (const [index, fact] of FACTS.entries()) fact.apply(recorder, valuesOf(fact), 1e10 * index);
  recorder.finish();

  const again: string[] = [];
  const second = listener(again);
  let nowNs = 0;
  for (let entry = reader.next(); entry !== JournalEntry.none; entry = reader.next()) {
    if (entry !== JournalEntry.fact) continue;
    reader.fact.apply(second, reader.values, reader.nowNs);
    nowNs = reader.nowNs;
  }
  expect(first).toHaveLength(FACTS.length);
  expect(again).toEqual(first);
  expect(nowNs).toBe(1e10 * (FACTS.length - 1));
});
