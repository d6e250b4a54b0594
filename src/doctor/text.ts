import { painter } from '../report/paint.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import { fromHere, useColor } from '../run/terminal.ts';
import type { Finding } from './finding.ts';

const colors = { ok: 'green', warning: 'yellow', error: 'red', skipped: 'dim' } as const;

/** Findings for a person at a terminal: what was checked and how it ended, then what to do about it. */
export function renderFindings(io: Pick<Io, 'cwd' | 'env' | 'outIsTerminal'>, findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const margin = ' '.repeat('warning'.length + width + 4);
  const show = (text: string) => visible(fromHere(io, text), 1000);
  const paint = painter(useColor(io));
  const lines = findings.flatMap(({ status, check, message, details = [], fix }) => {
    const plain = status.padEnd('warning'.length);
    const head = paint(colors[status], plain);
    const more = [...details.map(show), ...(fix === undefined ? [] : [`→ ${show(fix)}`])];
    return [`${head}  ${check.padEnd(width)}  ${show(message)}`, ...more.map((line) => margin + line)];
  });
  return lines.map((line) => `${line}\n`).join('');
}
