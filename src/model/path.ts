/*
 * A path in git or on a disk is bytes. As a text here, each byte that is not UTF-8 is a lone surrogate, U+DC80 to U+DCFF
 * (Python's "surrogateescape", PEP 383): no two paths become one text, and each text gives back its bytes.
 */

/** Bytes of paths, or of what git prints about them, as a text. @param from where it begins, and before where it ends; default: all */
export function decodePath(bytes: Uint8Array, from = 0, to = bytes.byteLength): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8', from, to);
  // Only then something may have been replaced.
  return text.includes('\ufffd') ? decodeExactly(buffer.subarray(from, to)) : text;
}

function decodeExactly(bytes: Buffer): string {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length === 0) {
      parts.push(bytes.toString('utf8', start, at), String.fromCharCode(0xdc00 + (bytes[at] ?? 0)));
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  return `${parts.join('')}${bytes.toString('utf8', start)}`;
}

/** How many bytes a character takes; 0 when there is none. */
function characterAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const character = bytes.subarray(at, at + length);
  // What is no character comes back as U+FFFD, which is other bytes.
  return Buffer.from(character.toString('utf8')).equals(character) ? length : 0;
}

/** The bytes of a text that `decodePath` gave. */
export function encodePath(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character);
    }),
  );
}

/** The inner one of two folders of which one is the other, or lies in it; undefined for two that are apart. */
export function overlapOf(a: string, b: string): string | undefined {
  if (a === b || a.startsWith(`${b}/`)) return a;
  return b.startsWith(`${a}/`) ? b : undefined;
}

/** Whether a path is a folder, with or without `/` at its end, or lies in it; everything lies in ``, the root. */
export function isAtOrBelow(folder: string, path: string): boolean {
  return atOrBelow([folder])(path);
}

/** Tells of a path whether it is one of some folders or lies in one, as `isAtOrBelow` does. */
export function atOrBelow(folders: readonly string[]): (path: string) => boolean {
  if (folders.includes('')) return () => true;
  const bare = folders.map((folder) => folder.replace(/\/+$/, ''));
  const within = bare.map((folder) => `${folder}/`);
  return (path) => bare.includes(path) || within.some((start) => path.startsWith(start));
}

/** `a/b/c` → ``, `a`, `a/b`. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, length) => parts.slice(0, length).join('/'));
}

/**
 * Whether git writes the path as it is. A tree that was made by hand can hold other names, which a checkout or a later git
 * refuses (git-fast-import(1), "canonical form").
 */
export function isWritable(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}
