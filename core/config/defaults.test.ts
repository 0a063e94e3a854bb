import { expect, test } from 'vitest';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { DEFAULT_CLIENT, DEFAULT_CONFIG } from './defaults.ts';
import { resolveConfig } from './resolve.ts';

test('the defaults of the file are those of the schema', async () => {
  const config = resolveConfig({});
  const { timeout_ms: _said, ...client } = resolveConfig({
    workload: { client: { timeout_ms: 1 } },
  }).workload.client!;
  const text = `${canonicalJson({ config, client }, 2)}\n`;
  await expect(text).toMatchFileSnapshot('./defaults.gen.json');
  expect(DEFAULT_CONFIG).toEqual(config);
  expect(DEFAULT_CLIENT).toEqual(client);
});
