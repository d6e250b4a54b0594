import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';

/** Keys whose text is a secret; `secretName`, `existingSecret` and `passwordSecretRef` only name one. */
const secretKey =
  /(^|[a-z0-9_.-])(pass(word|wd|phrase)?|secret|token|credentials?|api[_.-]?key|(private|access|secret|signing|encryption|client|account)[_.-]?key)s?$/i;
const reference = /^existing|^(image)?pullsecrets?$|^use|^create|^enable/i;

/** A number is one only there: `maxTokens: 5`. */
const passwordKey = /pass(word|wd|phrase)?$/i;

/** The same in the lines of a text, as of a file in the values. */
const secretLine =
  /^[ \t]*["']?[\w.-]*(pass(word|wd|phrase)|secret|token|api[_-]?key|private[_-]?key)["']?[ \t]*[:=][ \t]*["']?[^\s"'{}[\]$]/im;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** `https://user:secret@host` */
const urlPassword = /:\/\/[^/\s:@]*:[^/\s@]+@/;
/** Filled in on the cluster (fluxcd.io, kustomizations, "Post build variable substitution"). */
const variable = /^\$\{\w+\}$/;

/**
 * Finds what looks like a secret in values: git would keep it in its history forever.
 *
 * @returns the path of the first, such as `auth.password`; never its value
 */
export function findSecret(values: JsonMap): string | undefined {
  return inMap(values, '');
}

function inMap(map: JsonMap, prefix: string): string | undefined {
  const at = (key: string) => (prefix === '' ? key : `${prefix}.${key}`);
  if (isSecretObject(map)) return at('data');
  // An environment variable.
  const { name, value } = map;
  if (typeof name === 'string' && Object.hasOwn(map, 'value') && isSecretText(name, value ?? null)) return at('value');
  for (const [key, it] of Object.entries(map)) {
    // A slip such as {password:value} makes a key of the value.
    if (isSecretIn(key)) return at(key.split(/[:=]/)[0] ?? '');
    const found = isSecretText(key, it) ? at(key) : within(it, at(key));
    if (found !== undefined) return found;
  }
  return undefined;
}

function within(value: Json, path: string): string | undefined {
  if (typeof value === 'string') {
    return isSecretIn(value) ? path : undefined;
  }
  if (isJsonMap(value)) return inMap(value, path);
  if (!Array.isArray(value)) return undefined;
  for (const [index, item] of value.entries()) {
    const found = within(item, `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSecretText(key: string, value: Json): boolean {
  if (reference.test(key) || !secretKey.test(key)) return false;
  if (typeof value === 'string') return value !== '' && !variable.test(value);
  return (typeof value === 'number' || typeof value === 'bigint') && passwordKey.test(key);
}

/** Whether a text has a secret in it, whatever its key. */
export function isSecretIn(text: string): boolean {
  return privateKey.test(text) || secretLine.test(text) || urlPassword.test(text);
}

function isSecretObject({ kind, data, stringData }: JsonMap): boolean {
  return typeof kind === 'string' && kind.toLowerCase() === 'secret' && (isJsonMap(data) || isJsonMap(stringData));
}
