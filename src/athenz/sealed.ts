import { createHmac, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readBytes, removeOld, sweepFolder, writeOwn } from './cache-file.ts';

/**
 * Texts that runs leave to later ones beside the documents. Untrusted as those are: a text counts only with a code that a holder
 * of the client's key made for exactly what it is asked about.
 */
export interface SealedTexts {
  /** Undefined where there is none, or none that counts. Never throws. @param about all that the text depends on */
  read(name: string, about: string): Promise<string | undefined>;
  /** Writes a text whole, for its owner only. @throws what writing files throws */
  write(name: string, about: string, text: string): Promise<void>;
  /** Removes what killed runs left, and what no run has written for a month. */
  sweep(): Promise<void>;
}

const month = 30 * 24 * 3_600_000;

/** @param macKey asked for once, when the first text is read or written */
export function openSealed(folder: string, macKey: () => Promise<Buffer>): SealedTexts {
  let key: Promise<Buffer> | undefined;
  const codeOf = async (name: string, about: string, text: Buffer) => {
    key ??= macKey();
    const code = createHmac('sha256', await key).update(JSON.stringify([name, about]));
    return code.update('\n').update(text).digest();
  };
  return {
    async read(name, about) {
      const content = await readBytes(join(folder, name));
      const end = content?.indexOf('\n') ?? -1;
      if (content === undefined || end < 0) return undefined;
      const text = content.subarray(end + 1);
      const [code, due] = [
        Buffer.from(content.toString('latin1', 0, end), 'base64url'),
        await codeOf(name, about, text),
      ];
      return code.length === due.length && timingSafeEqual(code, due) ? text.toString('utf8') : undefined;
    },
    async write(name, about, text) {
      const bytes = Buffer.from(text, 'utf8');
      const code = await codeOf(name, about, bytes);
      await writeOwn(join(folder, name), Buffer.concat([Buffer.from(`${code.toString('base64url')}\n`), bytes]));
    },
    async sweep() {
      await sweepFolder(folder);
      await removeOld(folder, () => true, month);
    },
  };
}
