import { X509Certificate } from 'node:crypto';
import { AppError, reasonOfFile } from '../model/error.ts';
import { readText } from './file.ts';

/**
 * Reads a PEM file with CAs, so that a wrong file is named before anything is sent.
 *
 * @param setting key of the config that names it
 * @throws AppError `CONFIG_INVALID` where it cannot be read or contains no certificate
 */
export async function readCaFile(file: string, setting: string): Promise<string> {
  const wrong = (why: string) =>
    new AppError('CONFIG_INVALID', `reading the CA ${file}: ${why}`, {
      next: `set ${setting} to a PEM file with the CA of the server`,
    });
  const text = await readText(file).catch((error) => {
    throw wrong(reasonOfFile(error));
  });
  const blocks = certificatesIn(text);
  if (blocks.length === 0) throw wrong('it contains no certificate');
  if (!blocks.every(isCertificate)) throw wrong('it contains an invalid certificate');
  return text;
}

/** The certificates of a PEM text, whether they can be read or not. */
export function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** The words of the library say nothing of the file. */
function isCertificate(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}
