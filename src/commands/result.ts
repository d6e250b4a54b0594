import { exitCode } from '../model/error.ts';
import { count } from '../model/text.ts';
import { troubles } from '../report/conclusion.ts';
import { toJson } from '../report/json.ts';
import { renderOverview } from '../report/overview.ts';
import { toRunResult } from '../report/result.ts';
import { plansOf, type RunReport } from '../report/run-report.ts';
import { renderText } from '../report/terminal.ts';
import { visible } from '../report/visible.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { printText, useColor } from '../run/terminal.ts';
import { tellActions } from './actions.ts';
import { tellWhy } from './quiet.ts';

/** How a run is reported. */
interface TellFlags extends CommonFlags {
  /** In counts alone. */
  readonly summary?: boolean;
}

/** Tells of a run: on GitHub Actions where it runs there, and on stdout. @param next what to do next, for people */
export async function tellReport(io: Io, flags: TellFlags, report: RunReport, next: string): Promise<void> {
  printReport(io, flags, report, next);
  await tellActions(io, flags, report);
}

/** JSON for programs, else text for people. */
function printReport(io: Io, flags: TellFlags, report: RunReport, next: string): void {
  if (flags.json) {
    io.out(toJson(toRunResult(report)));
    return;
  }
  if (flags.quiet) {
    const files = plansOf(report).reduce((sum, plan) => sum + plan.files.length, 0);
    const differ = report.exitCode === exitCode.differences ? [`${count(files, 'file')} to change`] : [];
    tellWhy(io, flags, report.exitCode, [...troubles(report), ...differ].join('; '));
    return;
  }
  if (flags.summary) {
    printText(
      io,
      renderOverview(report, (text) => visible(text)),
    );
    return;
  }
  printText(io, renderText(report, { color: useColor(io) }));
  if (next !== '') printText(io, `\n${next}\n`);
}
