import { timingSafeEqual } from 'node:crypto';

/** Whether two codes are the same, in a time that does not say where they differ. */
export function sameCode(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
