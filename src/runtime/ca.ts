import { X509Certificate } from 'node:crypto';
import { AppError, reasonOf } from '../model/error.ts';
import { readText } from './file.ts';

/**
 * Checks a PEM file with CAs, so that a wrong file is named before anything is sent.
 *
 * @param setting key of the config that names it
 * @throws AppError `CONFIG_INVALID` where it cannot be read or holds no certificate
 */
export async function checkCaFile(file: string, setting: string): Promise<void> {
  const why = await wrongWith(file);
  if (why === undefined) return;
  throw new AppError('CONFIG_INVALID', `reading the CA ${file}: ${why}`, {
    next: `set ${setting} to a PEM file with the CA of the server`,
  });
}

async function wrongWith(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    return reasonOf(error);
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'it holds no certificate';
  return blocks.every(isCertificate) ? undefined : 'it holds a certificate that cannot be read';
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
