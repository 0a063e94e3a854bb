import { Session } from 'node:inspector';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Place } from '#core/base/errors.ts';
import type { UserSource } from '#core/base/user-code.ts';

const AT_FILE = /^(file:.+):(\d+)$/;

/** Where things stand in a module of a user; `shown` is its path as the user wrote it. */
export function moduleSource(path: string, shown: string): UserSource {
  const url = pathToFileURL(path).href;
  return {
    file: shown,
    placeOf: (code) => ({ file: shown, ...placeOfFunction(code, url) }),
    placeOfError: (error) => ({
      ...(placeInStack(error, url) ?? placeOfSyntax(error, path, shown)),
    }),
  };
}

/** The topmost line of an error's stack that lies in the module. */
export function placeInStack(error: unknown, url: string): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const at = line.indexOf(`${url}:`);
    const found = at < 0 ? null : /^(\d+):(\d+)/.exec(line.slice(at + url.length + 1));
    if (found !== null) return { line: Number(found[1]), column: Number(found[2]) };
  }
  return undefined;
}

/**
 * Where a file cannot be parsed or linked, which need not be the module itself but may be what it
 * imports. Node writes it above the stack: `file:///a.ts:6`, lines of the source, a caret below the fault.
 */
function placeOfSyntax(error: unknown, path: string, shown: string): Place | undefined {
  if (!saysWhere(error)) return undefined;
  const [head, ...lines] = error.stack!.split('\n');
  const [, url, line] = AT_FILE.exec(head!)!;
  const caret = lines.find((text) => /^\s*\^+$/.test(text));
  const file = join(dirname(shown), relative(dirname(path), fileURLToPath(url!)));
  return {
    file,
    line: Number(line),
    ...(caret !== undefined && { column: caret.indexOf('^') + 1 }),
  };
}

/** Whether Node wrote the place of a syntax error above its stack; of JavaScript it keeps silent. */
export function saysWhere(error: unknown): error is SyntaxError {
  return error instanceof SyntaxError && AT_FILE.test(error.stack?.split('\n')[0] ?? '');
}

/** Only the debugger of the engine knows where a function was written. Asked for errors only. */
function placeOfFunction(code: unknown, url: string): Place | undefined {
  if (typeof code !== 'function') return undefined;
  const session = new Session();
  session.connect();
  try {
    return askForPlace(session, code, url);
  } finally {
    session.disconnect();
  }
}

/** The session hands its answers over before `post` returns. */
function askForPlace(session: Session, code: unknown, url: string): Place | undefined {
  const holder = globalThis as { windtunnelFunction?: unknown };
  const urls = new Map<string, string>();
  let place: Place | undefined;
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.post('Debugger.enable');
  holder.windtunnelFunction = code;
  session.post('Runtime.evaluate', { expression: 'globalThis.windtunnelFunction' }, (_, found) => {
    const { objectId } = found.result;
    if (objectId === undefined) return;
    session.post('Runtime.getProperties', { objectId }, (__, { internalProperties = [] }) => {
      const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]');
      const { scriptId, lineNumber, columnNumber } = location?.value?.value ?? {};
      if (urls.get(scriptId) !== url) return;
      place = { line: lineNumber + 1, column: columnNumber + 1 };
    });
  });
  delete holder.windtunnelFunction;
  return place;
}
