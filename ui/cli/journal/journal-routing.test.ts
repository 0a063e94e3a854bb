import { expect, test } from 'vitest';
import type { JournalHeader } from '#core/journal/header-lines.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { JournalRouting } from './journal-routing.ts';

test('lists of workers come back as a trace says them; the shared cache has no word', () => {
  const routing = new JournalRouting({ router: kvOptions(3) } as unknown as JournalHeader);
  const lists = { allowedWorkers: [0, 2], excludedWorkers: [1], embeddingHolders: [2] };
  routing.defineTerms(0, lists);
  expect(routing.of({ ...newRouteQuery(), terms: 0 })).toEqual(lists);
  expect(routing.incomplete).toBe(0);
  routing.defineTerms(1, { overrides: { sharedCacheMultiplier: 1 } });
  routing.of({ ...newRouteQuery(), terms: 1 });
  expect(routing.incomplete).toBe(1);
});
