import { type GenerationRoute, ROUTE_PATHS } from './client-request.ts';
import { HttpFailure } from './http-failure.ts';

/** Pages that say something of the router or its engines. */
export const PAGES = ['health', 'live', 'models', 'metrics', 'status'] as const;
export type Page = (typeof PAGES)[number];

/** Paths of what is passed on, by POST. */
export const GENERATION_ROUTES: ReadonlyMap<string, GenerationRoute> = new Map(
  (Object.keys(ROUTE_PATHS) as GenerationRoute[]).map((route) => [ROUTE_PATHS[route], route]),
);

const PAGE_PATHS: ReadonlyMap<string, Page> = new Map([
  ['/health', 'health'],
  ['/live', 'live'],
  ['/v1/models', 'models'],
  ['/metrics', 'metrics'],
  ['/status', 'status'],
]);

/** The page that is asked for, or how it is answered that there is none. */
export function pageOf(method: string, path: string): Page | HttpFailure {
  const page = PAGE_PATHS.get(path);
  const allow = page !== undefined ? 'GET, HEAD' : GENERATION_ROUTES.has(path) ? 'POST' : undefined;
  if (allow === undefined) {
    const paths = [...GENERATION_ROUTES.keys(), ...PAGE_PATHS.keys()].join(', ');
    return new HttpFailure(404, `${path} is not here; there are ${paths}`);
  }
  if (page !== undefined && (method === 'GET' || method === 'HEAD')) return page;
  return new HttpFailure(405, `${path} takes ${allow}, not ${method}`, { headers: { allow } });
}
