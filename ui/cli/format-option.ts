import { Option } from 'commander';

/** What some verbs can print their result as, beside a table and JSON. */
export type MoreForms = readonly ('md' | 'csv')[];

/** `--format`: a table for people, JSON for scripts, and what else a verb knows. */
export function formatOption(...more: MoreForms): Option {
  return new Option('--format <format>', 'form of the result')
    .choices(['table', 'json', ...more])
    .default('table');
}
