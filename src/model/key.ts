/** Whether a private key in PEM is protected by a passphrase: nobody is there to type it. */
export function isEncrypted(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(pem);
}

/** What to do about it. */
export const decryptIt = 'give one without a passphrase: openssl pkey -in KEY -out NEW_KEY';
