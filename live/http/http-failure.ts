import { OUTCOMES } from '#core/router/decisions.ts';
import { RouteRefused } from '#live/routing/route-ask.ts';

/** What vLLM calls an error of each status, and what is said of those that it does not have. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  408: 'RequestTimeoutError',
  413: 'RequestTooLargeError',
  415: 'UnsupportedMediaTypeError',
  429: 'RateLimitError',
  431: 'HeadersTooLargeError',
  500: 'InternalServerError',
  502: 'BadGatewayError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
  529: 'OverloadedError',
};

/** Statuses after which a client does well to come again. */
const COME_AGAIN: readonly number[] = [429, 503, 529];

/** Fields that nobody knows are named as the client wrote them. */
const MAX_KIND = 100;

export interface FailureOptions {
  /** The field that is wrong. */
  readonly param?: string | undefined;
  /** Where the type is not that of the status. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, told in OpenAI's form. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON that the client gets. */
  readonly body: string;
  /** What is wrong, for logs: its type and field, and nothing that the client wrote there. */
  readonly kind: string;

  constructor(status: number, message: string, { param, type, headers = {} }: FailureOptions = {}) {
    super(message);
    this.status = status;
    this.headers = COME_AGAIN.includes(status) ? { 'retry-after': '1', ...headers } : headers;
    const named = type ?? TYPES[status] ?? 'APIError';
    this.kind = (param === undefined ? named : `${named}: ${param}`).slice(0, MAX_KIND);
    this.body = JSON.stringify({
      error: { message, type: named, param: param ?? null, code: status },
    });
  }
}

/** A field whose value is none; vLLM spells the type of such an error apart. */
export function badField(param: string, message: string): HttpFailure {
  return new HttpFailure(400, `${param}: ${message}`, { param, type: 'Bad Request' });
}

/** What a client is told when anything was thrown on its way; what nobody foresaw tells it nothing. */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  if (error instanceof RouteRefused) {
    const known = OUTCOMES.some(({ name }) => name === error.outcome);
    const message = known ? `${error.message} (${error.outcome})` : error.message;
    return new HttpFailure(error.httpStatus, message);
  }
  return new HttpFailure(500, 'the router failed; its log says why');
}
