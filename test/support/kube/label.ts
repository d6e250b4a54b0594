import { badRequest } from './status.ts';

const name = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const value = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualified =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Refuses a label's key in the server's words. */
export function checkKey(key: string): void {
  const parts = key.split('/');
  const wrong: string[] = [];
  if (parts.length > 2) {
    wrong.push(
      `a valid label key ${qualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    );
  } else {
    const [prefix, last = ''] = parts.length === 2 ? parts : [undefined, key];
    if (prefix !== undefined) wrong.push(...wrongPrefix(prefix));
    if (last === '') wrong.push('name part must be non-empty');
    else if (Buffer.byteLength(last) > 63) wrong.push('name part must be no more than 63 bytes');
    if (!name.test(last)) wrong.push(`name part ${qualified}`);
  }
  if (wrong.length > 0) refuse('<nil>', key, wrong);
}

function wrongPrefix(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const wrong = prefix.length > 253 ? ['prefix part must be no more than 253 bytes'] : [];
  if (subdomain.test(prefix)) return wrong;
  const told =
    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [...wrong, told];
}

/** Refuses a label's value in the server's words. */
export function checkValue(key: string, index: number, text: string): void {
  const wrong: string[] = [];
  if (Buffer.byteLength(text) > 63) wrong.push('must be no more than 63 bytes');
  if (!value.test(text)) {
    wrong.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    );
  }
  if (wrong.length > 0) refuse(`values[${index}][${key}]`, text, wrong);
}

function refuse(path: string, text: string, wrong: readonly string[]): never {
  throw badRequest(`unable to parse requirement: ${path}: Invalid value: ${JSON.stringify(text)}: ${wrong.join('; ')}`);
}
