import { isJsonMap, type Json } from '../../model/yaml-write.ts';

/** Whether a value takes at most so many bytes, about: what it repeats is counted as often, and no more is looked at than that. */
export function isWithin(value: Json, bytes: number): boolean {
  return rest(value, bytes) >= 0;
}

/** What is left of an allowance; below 0 once it is used up. */
function rest(value: Json, allowance: number): number {
  if (typeof value === 'string') return allowance - Buffer.byteLength(value);
  if (Array.isArray(value))
    return value.reduce<number>((left, it) => (left < 0 ? left : rest(it, left - 2)), allowance);
  if (!isJsonMap(value)) return allowance - 8;
  let left = allowance;
  for (const [key, it] of Object.entries(value)) {
    left = rest(it, left - key.length - 2);
    if (left < 0) return left;
  }
  return left;
}
