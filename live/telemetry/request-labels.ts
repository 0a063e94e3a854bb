import type { RequestRecord } from '#live/http/request-record.ts';

/** How Dynamo's metrics name the routes. */
export const ROUTE_LABEL: Readonly<Record<RequestRecord['route'], string>> = {
  chat: 'chat_completions',
  completions: 'completions',
  embeddings: 'embeddings',
};

/** Dynamo's words for what went wrong, by the status of the answer. */
const ERROR_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'validation',
  401: 'unauthorized',
  404: 'not_found',
  408: 'timeout',
  413: 'validation',
  429: 'overload',
  503: 'unavailable',
  504: 'timeout',
  529: 'overload',
};

/** Whether a request went well, and what was wrong with it where it did not. */
export function statusLabels(record: Readonly<RequestRecord>): {
  status: 'success' | 'error';
  error_type: string;
} {
  if (record.outcome === 'client_gone') return { status: 'error', error_type: 'cancelled' };
  if (record.outcome === 'complete' && record.status < 400) {
    return { status: 'success', error_type: '' };
  }
  return { status: 'error', error_type: ERROR_OF_STATUS[record.status] ?? 'internal' };
}
