/** An answer that is an error: a status, and a body in the form of the engine. */
export class Problem extends Error {
  override readonly name: string = 'Problem';
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object, message: string) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** vLLM's form; `type` tells its own refusals from those of the web framework. */
export function problem(
  status: number,
  type: string,
  message: string,
  param: string | null = null,
): Problem {
  return new Problem(status, { error: { message, type, param, code: status } }, message);
}

/** Something that the engine refuses; with a parameter it is named in the message too, as vLLM does. */
export function badRequest(message: string, param?: string, value?: number): Problem {
  const text = value === undefined ? message : `${message} (parameter=${param}, value=${value})`;
  return problem(400, 'BadRequestError', text, param ?? null);
}

export function unknownModel(name: string, models: readonly string[]): Problem {
  const known = models.join(', ');
  const message = `The model \`${name}\` does not exist. Valid aliases: ${known}.`;
  return problem(404, 'NotFoundError', message, 'model');
}

/** What the validation of a body found, in the words of pydantic. */
export interface FieldFault {
  readonly type: string;
  readonly loc: string;
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: string;
}

/** A body that is no valid one, all its faults at once. */
export function invalidBody(faults: readonly FieldFault[]): Problem {
  const lines = faults.map(({ type, loc, msg, input, ctx }) => {
    const context = ctx === undefined ? '' : `, 'ctx': {'error': ${JSON.stringify(ctx)}}`;
    return `  {'type': '${type}', 'loc': '${loc}', 'msg': '${msg}', 'input': ${pythonText(input)}${context}}`;
  });
  const title = `${faults.length} validation error${faults.length === 1 ? '' : 's'}:`;
  return problem(400, 'Bad Request', [title, ...lines].join('\n'), faults[0]!.loc);
}

export function unsupportedMediaType(): Problem {
  const message =
    "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed";
  return problem(400, 'Bad Request', message);
}

/** What the web framework says, without an `error` object. */
export function frameworkProblem(status: 404 | 405): Problem {
  const detail = status === 404 ? 'Not Found' : 'Method Not Allowed';
  return new Problem(status, { detail }, detail);
}

/** A value as Python writes it; long ones are cut. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return `'${value.slice(0, 100)}'`;
  if (Array.isArray(value)) return `'<list of ${value.length} items>'`;
  if (typeof value === 'object') return `'<dict of ${Object.values(value).length} items>'`;
  return String(value);
}
