import { grown, listTexts } from './text-list.ts';

/** Different texts, numbered from 0 as they come; kept as bytes. */
export interface TextNumbers {
  readonly size: number;
  /** The number of a text, the next one if it is new. */
  add(text: string): number;
  /** Undefined for a text that was not added. */
  find(text: string): number | undefined;
  /** The text of a number; empty for one that there is not. */
  at(number: number): string;
}

export function numberTexts(): TextNumbers {
  const texts = listTexts();
  let hashes = new Int32Array(32);
  /** By hash, or the next free slot: the number and 1, or 0 for none. At least half of them are free. */
  let slots = new Int32Array(64);

  /** The slot of a text, or the free one that it gets. */
  function slotOf(text: string, hash: number): number {
    let slot = hash & (slots.length - 1);
    for (let found = slots[slot] ?? 0; found !== 0; found = slots[slot] ?? 0) {
      if (hashes[found - 1] === hash && texts.is(found - 1, text)) break;
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  function grow(): void {
    hashes = grown(hashes, new Int32Array(2 * hashes.length));
    slots = new Int32Array(2 * slots.length);
    for (let number = 0; number < texts.length; number++) {
      let slot = (hashes[number] ?? 0) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
  }

  return {
    get size() {
      return texts.length;
    },
    add(text) {
      const hash = hashOf(text);
      const known = slots[slotOf(text, hash)] ?? 0;
      if (known !== 0) return known - 1;
      const number = texts.length;
      if (number === hashes.length) grow();
      slots[slotOf(text, hash)] = number + 1;
      hashes[number] = hash;
      texts.push(text);
      return number;
    },
    find(text) {
      const found = slots[slotOf(text, hashOf(text))] ?? 0;
      return found === 0 ? undefined : found - 1;
    },
    at: texts.at,
  };
}

/** FNV-1a. The low bits choose the slot: the high ones are mixed into them. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
