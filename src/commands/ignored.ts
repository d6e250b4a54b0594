import { createLog, type LogLevel } from '../report/log.ts';
import type { Io } from '../run/io.ts';

/** Warns of variables that would disable protection, which this program ignores. */
export function warnOfIgnored(io: Io, flags: { readonly quiet?: boolean; readonly logLevel?: LogLevel }): void {
  const log = createLog(flags.quiet ? 'error' : (flags.logLevel ?? 'info'), io.err);
  if (io.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    log.warn(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: servers' certificates are always verified; to trust a CA, set athenz.caPath, forge.caPath or NODE_EXTRA_CA_CERTS",
    );
  }
}
