import { expect, test } from 'vitest';
import { provideDebianPackages } from './debian-packages.mjs';

const chromium = { binary: 'chromium', package: 'chromium' };
const jq = { binary: 'jq', package: 'jq' };

/** A machine on which some programs exist, and apt-get brings what it is asked for, if it may. */
function machine(options: { present: string[]; sudo: boolean; aptWorks?: boolean }) {
  const present = new Set(options.present);
  const ran: string[] = [];
  const run = (command: readonly string[]): boolean => {
    const line = command.join(' ');
    if (command[0] === 'which') return present.has(command[1] ?? '');
    ran.push(line);
    if (line === 'sudo -n true') return options.sudo;
    if (line.includes('install') && options.aptWorks !== false) {
      for (const name of command) present.add(name);
    }
    return options.aptWorks !== false;
  };
  return { run, ran };
}

test('asks nothing of the machine when everything is there', () => {
  const { run, ran } = machine({ present: ['chromium', 'jq'], sudo: false });
  expect(provideDebianPackages([chromium, jq], run, false)).toEqual([]);
  expect(ran).toEqual([]);
});

test('root installs all that is missing in one go', () => {
  const { run, ran } = machine({ present: ['jq'], sudo: false });
  expect(provideDebianPackages([chromium, jq], run, true)).toEqual([]);
  expect(ran).toEqual(['apt-get update', 'apt-get install --yes --no-install-recommends chromium']);
});

test('sudo without a password serves as well', () => {
  const { run, ran } = machine({ present: [], sudo: true });
  expect(provideDebianPackages([jq], run, false)).toEqual([]);
  expect(ran.at(-1)).toBe('sudo -n apt-get install --yes --no-install-recommends jq');
});

test('without the right to install, and when apt-get fails, the missing packages are named', () => {
  const unprivileged = machine({ present: [], sudo: false });
  expect(provideDebianPackages([chromium, jq], unprivileged.run, false)).toEqual([
    'chromium',
    'jq',
  ]);
  expect(unprivileged.ran).toEqual(['sudo -n true']);
  const broken = machine({ present: [], sudo: true, aptWorks: false });
  expect(provideDebianPackages([jq], broken.run, true)).toEqual(['jq']);
});
