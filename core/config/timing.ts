import { z } from 'zod';
import { count, describe, duration } from './describe.ts';

const polynomial = z
  .strictObject({
    type: z.literal('polynomial').meta({ description: "Dynamo mocker's built-in polynomials." }),
  })
  .meta({ description: "Pass times from the polynomials of Dynamo's mocker; nothing to set." });

const fixed = z
  .strictObject({
    type: z.literal('fixed').meta({ description: 'Constant times.' }),
    prefill_ms: describe(duration(), {
      effect: 'Time of the prefill part of a pass, whatever its size.',
      unit: 'ms',
    }),
    decode_ms: describe(duration(), {
      effect: 'Time of the decode part of a pass, whatever its size.',
      unit: 'ms',
    }),
  })
  .meta({ description: 'Constant prefill and decode times.' });

function coefficient(effect: string, unit: string) {
  return describe(duration().default(0), { effect, unit });
}

const linear = z
  .strictObject({
    type: z.literal('linear').meta({ description: 'Linear in tokens and context.' }),
    base_ms: coefficient('Time of any pass before its first token.', 'ms'),
    per_prefill_token_ms: coefficient('Time of each new prompt token.', 'ms/token'),
    per_prefill_context_token_ms: coefficient(
      'Time of each prompt token that was already in the cache when its chunk began.',
      'ms/token',
    ),
    per_decode_request_ms: coefficient('Time of each decoding request.', 'ms/request'),
    per_decode_context_token_ms: coefficient(
      'Time of each token of context that decoding requests attend to.',
      'ms/token',
    ),
  })
  .meta({ description: 'Pass time as a sum of linear terms, with your own coefficients.' });

function rows(effect: string) {
  return describe(z.array(z.tuple([count(0), duration()])).min(2), {
    effect,
    unit: '[tokens, ms] rows',
  });
}

const table = z
  .strictObject({
    type: z.literal('table').meta({ description: 'Your own measurements.' }),
    prefill: rows('Measured prefill times: new tokens of the pass, ms. Tokens strictly increase.'),
    decode: rows(
      'Measured decode times: context tokens of the pass, ms. Tokens strictly increase.',
    ),
  })
  .meta({ description: 'Pass times read off your own measurements, linear between two rows.' });

const model = z
  .strictObject({
    type: z
      .literal('model')
      .meta({ description: 'The model of the section model on cluster.gpu.' }),
  })
  .meta({
    description:
      'Pass times of model.name on cluster.gpu, operator by operator, and what the engine takes beside; how the model is laid out says the engine.',
  });

/** How long a forward pass takes; `type` names the model and decides which other keys exist. */
export const timingSchema = z
  .discriminatedUnion('type', [polynomial, fixed, linear, table, model])
  .prefault({ type: 'polynomial' })
  .meta({ description: 'How long a forward pass takes. `type` names the model.' });
