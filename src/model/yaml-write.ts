import { quote } from './scalar.ts';

/** What JSON holds, with integers of any size. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Writes the entries of a map as YAML that every parser, of 1.1 or 1.2, reads as the same: keys sorted, texts quoted, and texts of
 * several lines as a block where that says the same, so that a reviewer sees which line changed.
 *
 * @param indent blanks before each line
 * @param order of keys; `given`: as they are in the maps
 * @returns lines, each with its end; nothing for a map without entries
 */
export function writeMap(map: JsonMap, indent = '', order: Order = 'sorted'): string {
  const keys = order === 'given' ? Object.keys(map) : Object.keys(map).sort();
  return keys.map((key) => `${indent}${writeKey(key)}:${writeValue(map[key] ?? null, indent, order)}`).join('');
}

type Order = 'sorted' | 'given';

/** A key, a blank or a line end, and a value: what follows a colon. */
function writeValue(value: Json, indent: string, order: Order): string {
  if (isJsonMap(value)) {
    return Object.keys(value).length === 0 ? ' {}\n' : `\n${writeMap(value, `${indent}  `, order)}`;
  }
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${writeList(value, indent, order)}`;
  return ` ${writeScalar(value as Exclude<Json, readonly Json[] | JsonMap>, `${indent}  `)}\n`;
}

function writeList(list: readonly Json[], indent: string, order: Order): string {
  const inner = `${indent}  `;
  return list
    .map((item) => {
      if (isJsonMap(item) && Object.keys(item).length > 0) {
        return `${indent}- ${writeMap(item, inner, order).slice(inner.length)}`;
      }
      // A list in a list begins on a line of its own.
      return `${indent}-${writeValue(item, inner, order)}`;
    })
    .join('');
}

function writeScalar(value: null | boolean | number | bigint | string, indent: string): string {
  // With an exponent, YAML 1.1 knows a number by its point.
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e');
  if (typeof value !== 'string') return String(value);
  return isBlock(value) ? writeBlock(value, indent) : quote(value);
}

/** Keys that no parser takes for anything but this text; anything else is quoted. */
const plainKey = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const otherwise = /^(y|n|yes|no|on|off|true|false|null|e[0-9]+)$/i;

function writeKey(key: string): string {
  return plainKey.test(key) && !otherwise.test(key) ? key : quote(key);
}

/** Line breaks of any YAML version but `\n`, and what is not printable. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** Whether a block says the same: the first line sets its indentation, and no line may be taken for one that is only indented. */
function isBlock(text: string): boolean {
  return (
    text.includes('\n') &&
    !/^[ \t\n]/.test(text) &&
    !/^[ \t]+$/m.test(text) &&
    !unprintable.test(text) &&
    text.isWellFormed()
  );
}

function writeBlock(text: string, indent: string): string {
  const body = text.replace(/\n+$/, '');
  const ends = text.length - body.length;
  const mark = ends === 0 ? '|-' : ends === 1 ? '|' : '|+';
  const lines = body.split('\n').map((line) => (line === '' ? '' : `${indent}${line}`));
  return [mark, ...lines, ...Array.from({ length: Math.max(0, ends - 1) }, () => '')].join('\n');
}
