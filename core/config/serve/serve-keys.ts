import { z } from 'zod';
import type { KeySchema } from '../key-schema.ts';
import { keysBelow } from '../keys.ts';
import type { KnownKeys } from '../problems.ts';
import { serveSchema } from './serve-schema.ts';

const top = z.toJSONSchema(serveSchema, { io: 'input' }) as KeySchema;

/** The JSON Schema (draft 2020-12) of `serve.yaml`, and its keys. */
export const SERVE_KEYS: KnownKeys = { top, keys: keysBelow(top) };
