import type { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

const GOLDEN = '../../test/golden/help';
const WRAP = 100;

interface Verb {
  /** Without the program's own name; empty for the program. */
  readonly name: string;
  readonly command: Command;
}

/** The command and all below it. */
function verbsOf(command: Command, name = ''): readonly Verb[] {
  const below = command.commands.flatMap((child) => {
    return verbsOf(child, `${name} ${child.name()}`.trim());
  });
  return [{ name, command }, ...below];
}

const verbs = verbsOf(createProgram());

const rowOf = ({ flags, description, argChoices }: Option): string => {
  return [flags, description, ...(argChoices ?? [])].join('\n');
};

/** Options that more than one verb offers in the same words. */
const shared = new Map<string, { option: Option; by: string[] }>();
for (const { name, command } of verbs) {
  for (const option of command.options) {
    const entry = shared.get(rowOf(option)) ?? { option, by: [] };
    entry.by.push(name);
    shared.set(rowOf(option), entry);
  }
}
for (const [row, { by }] of shared) if (by.length < 2) shared.delete(row);

/** Help as it is printed, or without some of its options; `at` is how wide the terminal is. */
function helpOf(command: Command, shown: (option: Option) => boolean = () => true): string {
  let text = '';
  command
    .configureHelp({
      visibleOptions: (of) => of.options.filter((option) => !option.hidden && shown(option)),
    })
    .configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 80 })
    .outputHelp();
  return text;
}

/** The keys of the config at the end, which change with the config and are tested with it. */
const withoutKeys = (help: string): string => help.replace(/\nKeys for --set.*/s, '');

test.each(verbs)(
  'the help of windtunnel $name has examples and is as approved',
  async ({ name, command }) => {
    expect(helpOf(command)).toContain(`$ windtunnel ${name}`.trimEnd());
    const own = withoutKeys(helpOf(command, (option) => !shared.has(rowOf(option))));
    expect(own.split('\n').filter((line) => line.length > WRAP)).toEqual([]);
    const file = name === '' ? 'windtunnel' : name.replaceAll(' ', '-');
    await expect(own).toMatchFileSnapshot(`${GOLDEN}/${file}.txt`);
  },
);

test('options that verbs share are written once, with the verbs that offer them', async () => {
  const rows = [...shared.values()].map(({ option, by }) => {
    const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`;
    return `${option.flags}\n    ${option.description}${choices}\n    ${by.join(', ')}\n`;
  });
  await expect(rows.join('\n')).toMatchFileSnapshot(`${GOLDEN}/shared-options.txt`);
});
