import type { Scope } from '../model/change.ts';
import { exitCode } from '../model/error.ts';
import type { RunResult } from '../model/result.ts';
import { troubles } from '../report/conclusion.ts';
import { toJson } from '../report/json.ts';
import { renderText } from '../report/terminal.ts';
import { count } from '../report/words.ts';
import { type CommonFlags, type Io, useColor } from '../run/io.ts';
import { tellActions } from './actions.ts';
import { tellWhy } from './quiet.ts';

/** Tells of a result: on GitHub Actions where it runs there, and on stdout. */
export async function tellResult(
  io: Io,
  flags: CommonFlags,
  result: RunResult,
  scopes: readonly Scope[],
  next: string,
): Promise<void> {
  printResult(io, flags, result, scopes, next);
  await tellActions(io, flags, result, scopes);
}

/** JSON for programs, else text for people with a last line that says what to do next. */
function printResult(io: Io, flags: CommonFlags, result: RunResult, scopes: readonly Scope[], next: string): void {
  if (flags.json) {
    io.out(toJson(result));
    return;
  }
  if (flags.quiet) {
    const { files } = result.plan;
    const differ = result.exitCode === exitCode.differences ? [`${count(files.length, 'file')} to change`] : [];
    const why = [...troubles(result), ...differ].join('; ');
    tellWhy(io, flags, result.exitCode, why);
    return;
  }
  io.out(renderText(result, scopes, { color: useColor(io) }));
  if (next !== '') io.out(`\n${next}\n`);
}
