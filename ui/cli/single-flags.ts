import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';

/**
 * Makes a command, and all below it, refuse a flag with one value that is given twice: the last one
 * would win in silence. Flags that gather their values, as `--set` does, begin with an empty list.
 */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (!option.required || Array.isArray(option.defaultValue)) continue;
    let given = false;
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (given) {
        throw new InputError('usage', 'given twice', {
          path: option.long ?? option.flags,
          received: value,
          remedy: 'leave one of them out',
        });
      }
      given = true;
    });
  }
  for (const child of command.commands) refuseRepeats(child);
}
