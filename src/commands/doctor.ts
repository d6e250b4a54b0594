import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { renderFindings } from '../doctor/text.ts';
import { count } from '../model/text.ts';
import { toJson } from '../report/json.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { printText } from '../run/terminal.ts';

/**
 * `doctor`: looks at everything a run depends on, and says what is wrong and what to do about it. Writes nothing.
 *
 * @returns the exit code: 1 with an error, 2 when the config itself is wrong
 */
export async function runDoctor(io: Io, flags: CommonFlags): Promise<number> {
  const { findings, code } = await examine(io, flags);
  if (flags.json) io.out(toJson({ format: 'athenz-gitops doctor 1', exitCode: code, findings }));
  else printFindings(io, flags, findings);
  return code;
}

function printFindings(io: Io, flags: CommonFlags, findings: readonly Finding[]): void {
  const shown = flags.quiet ? findings.filter(({ status }) => status === 'error') : findings;
  printText(io, renderFindings(io, shown));
  if (flags.quiet) return;
  const of = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  const [errors, warnings] = [of('error'), of('warning')];
  const sum = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  io.out(`\n${errors + warnings === 0 ? 'All checks passed.' : `${sum}.`}\n`);
}
