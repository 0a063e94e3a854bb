import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, type RegisterHooksOptions, registerHooks } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packagePath } from '../package-paths.ts';
import { saysWhere } from './user-place.ts';

/** The name under which a policy file imports what we offer it. */
const OUR_NAME = 'llm-windtunnel/policy';

/** A module of a user, loaded with all that it imports. */
export interface UserModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** The file and the files of the user's that it imports, none of them from a package. */
  readonly files: readonly string[];
}

/**
 * Loads a module that a user wrote, TypeScript or JavaScript, without a build step. Our own name is
 * found wherever the file lies, whether or not the package is installed there.
 */
export function loadUserModule(path: string): UserModule {
  try {
    return loadWith(path, {});
  } catch (error) {
    if (error instanceof SyntaxError && !saysWhere(error)) findFault(path);
    throw error;
  }
}

/** Node's parser of TypeScript says where it stumbles, over JavaScript as well: throws what it says. */
function findFault(path: string): void {
  try {
    loadWith(path, {
      load: (url, context, next) => ({ ...next(url, context), format: 'module-typescript' }),
    });
  } catch (error) {
    if (saysWhere(error)) throw error;
  }
}

function loadWith(path: string, more: RegisterHooksOptions): UserModule {
  const files = new Set([path]);
  const resolve: RegisterHooksOptions['resolve'] = (...args) => resolveForUser(files, ...args);
  const hooks = registerHooks({ ...more, resolve });
  try {
    const load = createRequire(pathToFileURL(path));
    const exports = load(path) as Readonly<Record<string, unknown>>;
    return { exports, files: [...files].sort() };
  } finally {
    hooks.deregister();
  }
}

/** SHA-256, in hex, of a policy: of its file's bytes, or of those of all its files and their names. */
export function digestOf(path: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  if (files.length === 1) return hash.update(readFileSync(path)).digest('hex');
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${relative(dirname(path), file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function resolveForUser(
  files: Set<string>,
  ...[specifier, context, next]: Parameters<NonNullable<RegisterHooksOptions['resolve']>>
): ReturnType<NonNullable<RegisterHooksOptions['resolve']>> {
  if (specifier === OUR_NAME) return { url: ourModule(), shortCircuit: true };
  const found = next(specifier, context);
  if (!isUsersOwn(found.url, context.parentURL, files)) return found;
  files.add(fileURLToPath(found.url));
  // Said outright, so that Node need not guess and warn where the user has no package.json.
  return /\.m?ts$/.test(found.url) ? { ...found, format: 'module-typescript' } : found;
}

/** Neither of a package nor of ours, which only our own module imports. */
function isUsersOwn(url: string, parent: string | undefined, files: Set<string>): boolean {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return (
    files.has(fileURLToPath(url)) || (parent !== undefined && files.has(fileURLToPath(parent)))
  );
}

/** In the repository the source, in the package the bundle beside the program. */
function ourModule(): string {
  const source = packagePath('core', 'policy', 'public.ts');
  const isSource = import.meta.filename.endsWith('.ts');
  return pathToFileURL(isSource ? source : packagePath('dist', 'policy.js')).href;
}
