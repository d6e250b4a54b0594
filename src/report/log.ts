import { visible } from './visible.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** `text`: for people; `json`: one object a line, for a log collector. */
export type LogFormat = 'text' | 'json';

export const logFormats: readonly LogFormat[] = ['text', 'json'];

/** Says what happens, line by line. Everything it says is made fit for a terminal. */
export type Log = Readonly<Record<LogLevel | 'ignored', (message: string) => void>>;

/** What lines of JSON say besides the message. */
export interface LogContext {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Names the run: the same in all its lines. */
  readonly run: string;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Only errors, and what is `ignored`: nothing hides the warning that a setting is not used. */
  readonly quiet?: boolean | undefined;
  /** Writes lines of JSON. */
  readonly json?: LogContext | undefined;
  /** Puts the time in front of lines of text; milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

/** A log that writes lines at or above a level; a message stays one line whatever it holds. */
export function createLog(write: (line: string) => void, { level, quiet, json, now }: LogOptions): Log {
  const lineOf = (name: LogLevel, message: string) =>
    json === undefined ? textLine(name, message, now?.()) : jsonLine(name, message, json);
  const at = (name: LogLevel, least: LogLevel) => (message: string) => {
    if (logLevels.indexOf(name) <= logLevels.indexOf(least)) write(lineOf(name, message));
  };
  const least = quiet ? 'error' : level;
  return {
    error: at('error', least),
    warn: at('warn', least),
    ignored: at('warn', level),
    info: at('info', least),
    debug: at('debug', least),
  };
}

function textLine(level: LogLevel, message: string, now: number | undefined): string {
  const time = now === undefined ? '' : `${new Date(now).toISOString()} `;
  return `${time}${level === 'info' ? '' : `${level}: `}${visible(message, 2000)}\n`;
}

function jsonLine(level: LogLevel, message: string, { now, run }: LogContext): string {
  return `${JSON.stringify({ time: new Date(now()).toISOString(), level, run, message: visible(message, 2000) })}\n`;
}
