import { visible } from '../report/visible.ts';
import { wrapText } from '../report/wrap.ts';
import type { CommonFlags, Io } from './io.ts';

/** Prints a result for people, wrapped to the width of the terminal. What programs read goes to `out` as it is. */
export function printText(io: Pick<Io, 'out' | 'outWidth'>, text: string): void {
  io.out(wrapText(text, io.outWidth));
}

/** As `printText`, of errors and logs. */
export function printError(io: Pick<Io, 'err' | 'errWidth'>, text: string): void {
  io.err(wrapText(text, io.errWidth));
}

/**
 * Colour on a terminal only, unless the user says otherwise: `FORCE_COLOR` and `CLICOLOR_FORCE` go before `NO_COLOR` (no-color.org),
 * as in Node itself.
 */
export function useColor({ env, outIsTerminal }: Pick<Io, 'env' | 'outIsTerminal'>): boolean {
  const {
    FORCE_COLOR: forced,
    CLICOLOR_FORCE: alsoForced = '',
    NO_COLOR: none = '',
    CLICOLOR: asked,
    TERM: term,
  } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (alsoForced !== '' && alsoForced !== '0') return true;
  return outIsTerminal && none === '' && asked !== '0' && term !== 'dumb';
}

/** A message with paths below the working directory as seen from there. */
export function fromHere(io: Pick<Io, 'cwd'>, text: string): string {
  const here = cwdOf(io);
  if (here === undefined || here === '/') return text;
  // The same names may stand within another path, as /tmp in /var/tmp, or in a URL.
  return text.replaceAll(`${here}/`, (path, at: number) => (/[\p{L}\p{N}_.~/-]$/u.test(text.slice(0, at)) ? path : ''));
}

function cwdOf(io: Pick<Io, 'cwd'>): string | undefined {
  try {
    return io.cwd;
  } catch {
    // It is gone, and that is said elsewhere.
    return undefined;
  }
}

/** A line on a terminal that is written over while something goes on, and leaves nothing behind. */
export function progressLine(io: Io, flags: Pick<CommonFlags, 'quiet'>): { show(text: string): void; clear(): void } {
  if (!io.errIsTerminal || flags.quiet || io.env['CI'] || io.env['TERM'] === 'dumb') return { show() {}, clear() {} };
  const most = (io.errWidth ?? 80) - 1;
  return { show: (text) => io.err(`\r\u001b[K${visible(text).slice(0, most)}`), clear: () => io.err('\r\u001b[K') };
}
