import type { Notes } from './change.ts';
import type { UnitId } from './unit.ts';

/** Adds to lists of notes, by name. */
export function addNotes(notes: Record<string, UnitId[]>, more: Notes = {}): void {
  for (const [name, list] of Object.entries(more)) {
    notes[name] ??= [];
    notes[name].push(...list);
  }
}
