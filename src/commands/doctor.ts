import { styleText } from 'node:util';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { count } from '../model/text.ts';
import { toJson } from '../report/json.ts';
import { visible } from '../report/visible.ts';
import { type CommonFlags, type Io, useColor } from '../run/io.ts';

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

const colors = { ok: 'green', warning: 'yellow', error: 'red', skipped: 'dim' } as const;

function printFindings(io: Io, flags: CommonFlags, findings: readonly Finding[]): void {
  const shown = flags.quiet ? findings.filter(({ status }) => status === 'error') : findings;
  const width = Math.max(0, ...shown.map(({ check }) => check.length));
  const margin = ' '.repeat('warning'.length + width + 4);
  const show = (text: string) => visible(text, 1000);
  for (const { status, check, message, details = [], fix } of shown) {
    const plain = status.padEnd('warning'.length);
    const head = useColor(io) ? styleText(colors[status], plain, { validateStream: false }) : plain;
    const more = [...details.map(show), ...(fix === undefined ? [] : [`→ ${show(fix)}`])];
    io.out(
      `${[`${head}  ${check.padEnd(width)}  ${show(message)}`, ...more.map((line) => margin + line)].join('\n')}\n`,
    );
  }
  if (flags.quiet) return;
  const of = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  const [errors, warnings] = [of('error'), of('warning')];
  const sum = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  io.out(`\n${errors + warnings === 0 ? 'All checks passed.' : `${sum}.`}\n`);
}
