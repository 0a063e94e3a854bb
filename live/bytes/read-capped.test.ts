import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readCapped, TooLong } from './read-capped.ts';

test('a body is read whole up to the cap, and closed behind it', async () => {
  const pieces = ['ab', 'c'].map((text) => Buffer.from(text));
  expect((await readCapped(Readable.from(pieces), 3)).toString()).toBe('abc');
  let fetched = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        fetched++;
        yield Buffer.alloc(1024);
      }
    })(),
  );
  await expect(readCapped(endless, 4096)).rejects.toThrow(TooLong);
  expect(endless.destroyed).toBe(true);
  expect(fetched).toBeLessThan(100);
});
