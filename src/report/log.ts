import { visible } from './visible.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** `text`: for people; `json`: one object a line, for a log collector. */
export type LogFormat = 'text' | 'json';

export const logFormats: readonly LogFormat[] = ['text', 'json'];

/** Says what happens, line by line. Everything it says is made fit for a terminal. */
export type Log = Readonly<Record<LogLevel, (message: string) => void>>;

/** What lines of JSON say besides the message. */
export interface LogContext {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Names the run: the same in all its lines. */
  readonly run: string;
}

/** A log that writes lines at or above `level`; a message stays one line whatever it holds. @param json writes lines of JSON */
export function createLog(level: LogLevel, write: (line: string) => void, json?: LogContext): Log {
  const from = logLevels.indexOf(level);
  const lineOf = (name: LogLevel, message: string) =>
    json === undefined ? textLine(name, message) : jsonLine(name, message, json);
  const at = (name: LogLevel) => (message: string) => {
    if (logLevels.indexOf(name) <= from) write(lineOf(name, message));
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

function textLine(level: LogLevel, message: string): string {
  return `${level === 'info' ? '' : `${level}: `}${visible(message, 2000)}\n`;
}

function jsonLine(level: LogLevel, message: string, { now, run }: LogContext): string {
  return `${JSON.stringify({ time: new Date(now()).toISOString(), level, run, message: visible(message, 2000) })}\n`;
}
