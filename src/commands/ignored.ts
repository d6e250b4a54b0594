import { type CommonFlags, type Io, logOf } from '../run/io.ts';

/** Warns of variables that would disable protection, which this program ignores. */
export function warnOfIgnored(io: Io, flags: Partial<CommonFlags>): void {
  const log = logOf(io, { logLevel: 'info', ...flags });
  if (io.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    log.ignored(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: servers' certificates are always verified; to trust a CA, set athenz.caPath, forge.caPath or NODE_EXTRA_CA_CERTS",
    );
  }
}
