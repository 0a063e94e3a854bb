import { CommanderError } from 'commander';
import { WindtunnelError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';

/** What a command that did not end well leaves behind. */
export interface Failure {
  readonly exitCode: number;
  /** For stderr; empty when everything has been said already. */
  readonly text: string;
}

interface FailureBody {
  readonly code: string;
  readonly message: string;
  readonly data: unknown;
}

/** Whether the command line asks for JSON; it must be known even when the line cannot be parsed. */
export function wantsJson(args: readonly string[]): boolean {
  const last = args.findLastIndex((arg) => arg === '--format' || arg.startsWith('--format='));
  if (last < 0) return false;
  return args[last] === '--format=json' || (args[last] === '--format' && args[last + 1] === 'json');
}

/**
 * Turns whatever a verb threw into an exit code and a text: a typed error as one line, a usage error
 * as exit 2, anything else as a defect with its stack. With `json` the text is one JSON object.
 */
export function describeFailure(error: unknown, json: boolean): Failure {
  if (error instanceof CommanderError) return describeUsage(error, json);
  if (error instanceof WindtunnelError) {
    return {
      exitCode: error.exitCode,
      text: render({ code: error.code, message: error.message, data: error.data }, json),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  if (json)
    return { exitCode: 1, text: render({ code: 'defect', message, data: { stack } }, json) };
  const advice = 'This is a defect of Windtunnel, not of your input. Please report it with:';
  return { exitCode: 1, text: `error: ${message}\n${advice}\n${stack}` };
}

function describeUsage(error: CommanderError, json: boolean): Failure {
  const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
  if (asked) return { exitCode: 0, text: '' };
  // Without a verb commander has printed the help by itself.
  if (error.code === 'commander.help' && !json) return { exitCode: 2, text: '' };
  const message =
    error.code === 'commander.help'
      ? 'a verb is missing; `windtunnel --help` lists them'
      : oneLine(error.message);
  return { exitCode: 2, text: render({ code: 'usage', message, data: {} }, json) };
}

/** What commander says of an option, which is worded like a bad value of `--set`. */
const BAD_VALUE = /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/s;

const CHOICES = /received "(.*)"; Allowed choices are (.*?)\.$/s;

function withNearest(_all: string, received: string, choices: string): string {
  const nearest = nearestName(received, choices.split(', '));
  const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return `received "${received}"; allowed: ${choices}${meant}`;
}

/** Commander puts its suggestion on a line of its own; an error of ours is one line. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(BAD_VALUE, '$1: bad value; received "$2"; $3')
    .replace(CHOICES, withNearest)
    .replace(/\s*\(Did you mean (one of )?([^)]*?)\?\)/, '; did you mean "$2"?');
}

function render(body: FailureBody, json: boolean): string {
  return json ? JSON.stringify({ error: body }) : `error: ${body.message}`;
}
