import { z } from 'zod';
import { describe } from '../describe.ts';
import { routerSchema } from '../router.ts';
import type { ResolvedConfig, RouterConfig } from '../schema.ts';
import { authSchema } from './auth.ts';
import { discoverySchema } from './discovery.ts';
import { enginesSchema } from './engine-list.ts';
import { eventPlaneSchema } from './event-plane.ts';
import { httpSchema } from './http.ts';
import { journalSchema } from './journal.ts';
import { limitsSchema } from './limits.ts';
import { replicasSchema } from './replicas.ts';
import { resilienceSchema } from './resilience.ts';
import { type ShadowConfig, shadowSchema } from './shadow.ts';
import { telemetrySchema } from './telemetry.ts';
import { tlsSchema } from './tls.ts';
import { tokenizerSchema } from './tokenizer.ts';

/** The version of `serve.yaml`. */
export const SERVE_VERSION = 1;

/** All that `windtunnel serve` is told; one file a section. */
export const serveSchema = z
  .strictObject({
    version: describe(z.literal(SERVE_VERSION).default(SERVE_VERSION), {
      effect: 'Version of this format. A file without it is read as the current version.',
    }),
    seed: describe(z.int().min(0).default(42), {
      effect: 'What the router draws where engines tie is drawn from it.',
    }),
    http: httpSchema.prefault({}),
    tls: tlsSchema.exactOptional(),
    auth: authSchema.prefault({}),
    limits: limitsSchema.exactOptional(),
    engines: enginesSchema,
    discovery: discoverySchema.exactOptional(),
    event_plane: eventPlaneSchema.exactOptional(),
    tokenizer: tokenizerSchema.prefault({}),
    router: routerSchema.prefault({}),
    resilience: resilienceSchema.prefault({}),
    replicas: replicasSchema.exactOptional(),
    journal: journalSchema.exactOptional(),
    telemetry: telemetrySchema.prefault({}),
    shadow: shadowSchema.exactOptional(),
  })
  .meta({
    title: 'Windtunnel serve config',
    description: 'A router in front of engines, as windtunnel serve runs it.',
  });

/** What the schema accepts, with defaults filled in. */
export type ParsedServeConfig = z.output<typeof serveSchema>;

/** A config that the live router may use as it is: complete, checked, without aliases. */
export type ServeConfig = Omit<ParsedServeConfig, 'router' | 'shadow'> & {
  readonly router: RouterConfig;
  readonly shadow?: ShadowConfig;
  /** The same as a run of the tunnel would have it: its pools are those of the engines' roles. */
  readonly run: ResolvedConfig;
};
