import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { editorSchemaText } from '#core/config/key-schema.ts';
import { configTemplate } from '#core/config/template.ts';
import { writeFilesAtomically } from '../atomic-files.ts';
import { configCommand } from '../config-command.ts';

const SCHEMA_FILE = 'windtunnel.schema.json';

const EXAMPLES = `
Examples:
  A file with every key explained, and the schema that lets an editor complete and check it:
    $ windtunnel config init run.yaml

  The same on stdout, and the schema alone:
    $ windtunnel config init > run.yaml
    $ windtunnel config init --schema > ${SCHEMA_FILE}`;

interface InitOptions {
  readonly force: boolean;
  readonly schema: boolean;
}

/** `windtunnel config init [FILE]`: writes a commented config to start from. */
export function register(program: Command): void {
  configCommand(program)
    .command('init')
    .description('write a config with every key explained')
    .argument('[file]', 'where to write it; without it to stdout')
    .option('--force', 'overwrite the file', false)
    .option('--schema', 'print the JSON Schema of configs instead', false)
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, options: InitOptions) => {
      if (options.schema) printSchema(file);
      else if (file === undefined) stdout.write(configTemplate(`./${SCHEMA_FILE}`));
      else writeConfig(file, options.force);
    });
}

function printSchema(file: string | undefined): void {
  if (file !== undefined) {
    throw new InputError('usage', '--schema prints to stdout', {
      received: file,
      remedy: `leave the file out and redirect: config init --schema > ${SCHEMA_FILE}`,
    });
  }
  stdout.write(editorSchemaText());
}

function writeConfig(file: string, force: boolean): void {
  if (file.trim() === '') {
    throw new InputError('usage', 'the name of the file is empty', {
      remedy: 'name a file, or leave it out to print to stdout',
    });
  }
  if (!force && existsSync(file)) {
    throw new InputError('output_unwritable', 'exists already', {
      file,
      remedy: 'choose another name, or overwrite it with --force',
    });
  }
  const schemaFile = join(dirname(file), SCHEMA_FILE);
  writeFilesAtomically([
    { path: schemaFile, content: editorSchemaText() },
    { path: file, content: configTemplate(`./${SCHEMA_FILE}`) },
  ]);
  stderr.write(`wrote ${file} and ${schemaFile}\n`);
}
