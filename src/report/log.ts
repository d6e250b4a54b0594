import { visible } from './visible.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Says what happens, line by line. Everything it says is made fit for a terminal. */
export type Log = Readonly<Record<LogLevel, (message: string) => void>>;

/** A log that writes lines at or above `level`; a message stays one line whatever it holds. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const from = logLevels.indexOf(level);
  const at = (name: LogLevel) => (message: string) => {
    if (logLevels.indexOf(name) <= from) write(`${name === 'info' ? '' : `${name}: `}${visible(message, 2000)}\n`);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
