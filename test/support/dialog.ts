import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { RunOptions } from './run.ts';

/** A question to wait for, and the keys that are typed once it is there; none: the terminal goes away. */
export type Turn = readonly [question: string, keys: string | (() => string)];

/** A terminal at which somebody answers, as options of a run. */
export interface Dialog {
  readonly options: RunOptions;
  /** Every thing that was shown, without colours and cursor movements. */
  shown(): string;
  /** Turns that nobody asked for. */
  readonly left: readonly Turn[];
}

/** Enter. */
export const enter = '\r';

/** Answers each question when it appears; what is asked besides hangs, so that the test's time limit fails it. */
export function answering(...turns: readonly Turn[]): Dialog {
  let raw = false;
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(mode: boolean) {
      raw = mode;
      return input;
    },
  });
  const left = [...turns];
  const shown: string[] = [];
  let fresh = '';
  const output = new Writable({
    write(chunk, _, done) {
      const text = stripVTControlCharacters(String(chunk));
      shown.push(text);
      fresh += text;
      const [turn] = left;
      if (turn !== undefined && fresh.includes(turn[0])) {
        left.shift();
        fresh = '';
        const keys = typeof turn[1] === 'string' ? turn[1] : turn[1]();
        // The question waits for keys only once it is shown.
        setImmediate(() => {
          if (keys === '') input.end();
          else if (raw) input.write(keys);
          else throw new Error(`"${turn[0]}" does not read single keys: the terminal waits for whole lines`);
        });
      }
      done();
    },
  });
  return {
    options: { inIsTerminal: true, errIsTerminal: true, dialog: { input, output } },
    shown: () => shown.join(''),
    left,
  };
}
