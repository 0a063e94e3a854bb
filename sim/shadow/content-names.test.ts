import { expect, test } from 'vitest';
import { ContentNames } from './content-names.ts';

test('equal hashes have one name, unknown contents each their own, and names are given again', () => {
  const names = new ContentNames();
  expect([...names.namesOf([7n, 8n, 7n], 5)]).toEqual([0, 1, 0, 2, 3]);
  expect([...names.namesOf([8n], 2)]).toEqual([1, 4]);
  expect(names.count).toBe(5);
  names.forget(1);
  expect([...names.namesOf([9n, 8n], 2)]).toEqual([1, 5]);
});

test('what is forgotten twice is forgotten once', () => {
  const names = new ContentNames();
  names.namesOf([7n], 1);
  names.forget(0);
  names.forget(0);
  expect(names.count).toBe(0);
  expect([...names.namesOf([7n, 8n], 2)]).toEqual([0, 1]);
});
