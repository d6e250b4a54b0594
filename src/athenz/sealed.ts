import { createHmac } from 'node:crypto';
import { lstat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWholeFile } from '../runtime/whole-file.ts';
import { readBytes, removeOld, sweepFolder } from './cache-file.ts';
import { sameCode } from './code.ts';

/**
 * Texts that runs leave to later ones beside the documents. Untrusted as those are: a text counts only with a code that a holder
 * of the client's key made for exactly what it is asked about.
 */
export interface SealedTexts {
  /** As UTF-8; undefined where there is none, or none that counts. Never throws. @param about all that the text depends on */
  read(name: string, about: string): Promise<Buffer | undefined>;
  /** Writes a text whole, for its owner only. @throws what writing files throws */
  write(name: string, about: string, text: string): Promise<void>;
  /** Removes what killed runs left, and what no run has used for a month. Names: 20 hexadecimal digits, `-` and one more. */
  sweep(): Promise<void>;
}

const day = 24 * 3_600_000;
/** A code in base64url. */
const codeLength = 43;
/** Bytes of a text: far beyond any, and below what a string can hold. */
const most = 2 ** 26;

/** @param macKey asked for when a text is read or written */
export function openSealed(folder: string, macKey: () => Promise<Buffer>): SealedTexts {
  let key: Buffer | undefined;
  const codeOf = async (name: string, about: string, text: Buffer) => {
    key ??= await macKey();
    const code = createHmac('sha256', key).update(JSON.stringify([name, about]));
    return code.update('\n').update(text).digest('base64url');
  };
  return {
    async read(name, about) {
      try {
        const file = join(folder, name);
        const content = readBytes(file, most);
        if (content === undefined || content.length === most || content[codeLength] !== 10) return undefined;
        const text = content.subarray(codeLength + 1);
        const code = content.toString('latin1', 0, codeLength);
        if (!sameCode(code, await codeOf(name, about, text))) return undefined;
        await touch(file);
        return text;
      } catch {
        return undefined;
      }
    },
    async write(name, about, text) {
      const bytes = Buffer.from(text, 'utf8');
      const code = await codeOf(name, about, bytes);
      await writeWholeFile(join(folder, name), Buffer.concat([Buffer.from(`${code}\n`), bytes]), 'private');
    },
    async sweep() {
      // Behind a link there is another folder, with files of others.
      if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) return;
      await sweepFolder(folder);
      await removeOld(folder, (name) => /^[0-9a-f]{20}-[0-9a-f]$/.test(name), 30 * day);
    },
  };
}

/** Says that a text is in use, though it need not be written. */
async function touch(file: string): Promise<void> {
  const { mtimeMs } = await lstat(file);
  if (mtimeMs < Date.now() - day) await utimes(file, new Date(), new Date());
}
