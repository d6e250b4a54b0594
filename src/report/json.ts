import { escapeHidden } from './visible.ts';

/**
 * A value as indented JSON that may be printed on a terminal: what a terminal could act on and `JSON.stringify` leaves as it
 * is (C1 controls, line and paragraph separators, direction marks) is escaped; it reads back as the same value.
 */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(/[^\n]+/g, escapeHidden)}\n`;
}
