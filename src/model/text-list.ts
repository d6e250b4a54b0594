/**
 * Texts by number, from 0 as they come. A fleet has tens of thousands of paths, names and stamps: as bytes they take a third of what
 * strings take, and none of it is on the heap, whose young generation grows with all that stays there.
 */
export interface TextList {
  readonly length: number;
  push(text: string): void;
  /** Empty for a number that there is not. */
  at(number: number): string;
  /** Whether a number's text is this one. */
  is(number: number, text: string): boolean;
}

export function listTexts(): TextList {
  /** The bytes of all texts, one after another, and where each ends. */
  let bytes = Buffer.alloc(1024);
  let ends = new Uint32Array(64);
  let length = 0;
  /** Those with a character that does not fit into a byte. */
  const wide = new Map<number, string>();
  const startOf = (number: number) => (number === 0 ? 0 : (ends[number - 1] ?? 0));
  return {
    get length() {
      return length;
    },
    push(text) {
      const start = startOf(length);
      if (length === ends.length) ends = grown(ends, new Uint32Array(2 * length));
      if (start + text.length > bytes.length)
        bytes = grown(bytes, Buffer.alloc(Math.ceil(1.5 * (start + text.length))));
      const fits = write(text, bytes, start);
      if (!fits) wide.set(length, text);
      ends[length++] = start + (fits ? text.length : 0);
    },
    at: (number) =>
      wide.get(number) ?? (number < length ? bytes.toString('latin1', startOf(number), ends[number]) : ''),
    is(number, text) {
      const start = startOf(number);
      const found = wide.size === 0 ? undefined : wide.get(number);
      if (found !== undefined || number >= length) return found === text;
      if ((ends[number] ?? 0) - start !== text.length) return false;
      for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
      return true;
    },
  };
}

/** @returns false for a text with a character that does not fit into a byte */
function write(text: string, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) return false;
    bytes[start + at] = code;
  }
  return true;
}

/** A larger array with the same beginning. */
export function grown<T extends Uint8Array | Uint32Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
