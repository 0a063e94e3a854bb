/** What stands where a secret was. */
export const HIDDEN = '[hidden]';

/**
 * Keys whose values are secrets; those of files and variables that hold one end otherwise, and what is
 * so much per token is a number.
 */
const SECRET_KEY =
  /(?:^|[_-])(?:api_?keys?|keys?|(?<!per[_-])token|passwd|password|secrets?|credentials?)$/i;
/** The name and the password in an address; a password may have been left with a slash in it. */
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s,"'\\]*@/gi;

/**
 * Text for people and logs, without names and passwords in the addresses in it. Rather hides too much:
 * what stands before an @ in the path of an address goes as well.
 */
export function hideCredentials(text: string): string {
  return text.replace(CREDENTIALS, `$1${HIDDEN}@`);
}

/**
 * A value that somebody wrote, as it may be shown to people: without what stands below keys named key,
 * token, password or secret, and without the credentials in its addresses. The input is not changed.
 *
 * @param path where the value stands; all below a secret key is secret.
 */
export function hideSecrets(value: unknown, path = ''): unknown {
  const isSecret = path.split(/[.[\]]+/).some((part) => SECRET_KEY.test(part));
  return isSecret ? withoutLeaves(value) : withoutSecrets(value);
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return hideCredentials(value);
  return mapInside(value, (inner, key) =>
    SECRET_KEY.test(key) ? withoutLeaves(inner) : withoutSecrets(inner),
  );
}

/** What is empty is no secret, and people look for it. */
function withoutLeaves(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return value;
  return typeof value === 'object' ? mapInside(value, withoutLeaves) : HIDDEN;
}

/** Lists and plain mappings are copied, all else stays as it is. */
function mapInside(value: unknown, map: (inner: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => map(inner, ''));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner, key)]));
}
