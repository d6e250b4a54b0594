import type { Clock } from '../model/clock.ts';
import { type Problem, toProblem } from '../model/error.ts';
import { isTransient } from '../model/transient.ts';
import type { StepOutcome } from './result.ts';

/** One write, and how to find out whether it has happened already. */
export interface Write {
  /** Gives `there` when ZMS says that it is. */
  send(): Promise<unknown>;
  /**
   * Undefined: sending it once more does no harm.
   *
   * @param lost it has been sent, and may have happened a moment ago: a server that has not heard of it proves nothing
   */
  readonly look?: (lost: boolean) => Promise<boolean>;
  /** Whether it may be there already: then it is looked for before the first try, too. */
  readonly lookFirst: boolean;
  /** What it belongs to was made a moment ago, and may not be on every server yet. */
  readonly fresh: boolean;
}

const tries = 3;
/** Milliseconds from the first try within which the last one begins. */
const within = 30_000;

/**
 * Writes, with further tries: each looks first, as an answer may have got lost behind a write that happened, and members
 * may have been added since, whom a second write would remove. Never throws.
 */
export async function attempt({ send, look, lookFirst, fresh }: Write, clock: Clock): Promise<StepOutcome> {
  const begun = clock.now();
  let lost = false;
  for (let number = 1; ; number++) {
    let sent = false;
    try {
      if (look !== undefined && (lookFirst || number > 1) && (await look(lost))) return { kind: 'there' };
      sent = true;
      return { kind: (await send()) === 'there' ? 'there' : 'done' };
    } catch (error) {
      const problem = toProblem(error);
      lost ||= sent && problem.code !== 'ZMS_NOT_FOUND';
      const wait = 250 * 4 ** (number - 1) * (1 - Math.random() / 2);
      const late = clock.now() + wait - begun >= within;
      if (number === tries || late || !mayPass(problem, fresh)) return { kind: 'failed', problem };
      await clock.sleep(wait);
    }
  }
}

/** A stale answer has been asked for again already; the server behind it may still have to hear of what is fresh. */
function mayPass({ code }: Problem, fresh: boolean): boolean {
  if (code === 'ZMS_NOT_FOUND' || code === 'ZMS_STALE') return fresh;
  return isTransient(code);
}
