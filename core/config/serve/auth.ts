import { z } from 'zod';
import { describe } from '../describe.ts';

const keySchema = z.strictObject({
  name: describe(z.string().regex(/^[\w.-]{1,64}$/), {
    effect: 'Whose key it is; what logs call it.',
  }),
  sha256: describe(z.string().regex(/^[0-9a-f]{64}$/), {
    effect: 'SHA-256 of the key, in hex; the key itself is written nowhere.',
    source: 'printf %s KEY | sha256sum',
  }),
});

/** Who may come in. */
export const authSchema = z
  .strictObject({
    client_keys: describe(z.array(keySchema).max(10_000).default([]), {
      effect:
        'Keys of which requests must bring one, as Authorization: Bearer KEY. Without any, everyone who reaches the port may ask, and what they bring is passed on to the engines.',
    }),
    control_keys: describe(z.array(keySchema).max(100).default([]), {
      effect:
        'Keys of which /status and /metrics must be asked with one. Without any, they are open.',
    }),
  })
  .meta({ description: 'Who may ask for what. /health and /live are open to all.' });

export type AuthConfig = z.output<typeof authSchema>;
export type AuthKey = AuthConfig['client_keys'][number];
