import { expect, test } from 'vitest';
import { endpoint } from '#test/support/front.ts';
import { Availability } from '../engines/availability.ts';
import { DEFAULT_SETTINGS } from '../engines/engine-settings.ts';
import { Secret } from '../engines/secret.ts';
import { askableEngines } from './askable-engines.ts';

test('engines that are left alone are not asked for tokens, and others with their keys', () => {
  const [one, two] = [endpoint('a', 'http://h:1'), endpoint('b', 'http://h:2')];
  const apiKey = new Secret('k');
  const settings = new Map([['b', { ...DEFAULT_SETTINGS, apiKey }]]);
  const availability = new Availability(() => undefined);
  availability.block(one, 'unhealthy');
  const asked = () => askableEngines([one, two], availability, settings);
  expect(asked()).toEqual([{ url: 'http://h:2', apiKey }]);
  availability.unblock(one, 'unhealthy');
  expect(asked().map(({ url }) => url)).toEqual(['http://h:1', 'http://h:2']);
});
