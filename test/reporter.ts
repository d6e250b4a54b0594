import { Readable } from 'node:stream';
import { spec, type TestEvent } from 'node:test/reporters';

/** What the last line of the report begins with; a JSON object of `Counts` follows. */
export const countsPrefix = 'counts: ';

/** Of one process. */
export interface Counts {
  readonly tests: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The `spec` reporter without the tests that passed: failures, diagnostics and the counts. For `node --test --test-reporter`. */
// biome-ignore lint/style/noDefaultExport: node --test takes the default export
export default async function* reportFailures(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let counts: Counts | undefined;
  async function* withoutPassed(): AsyncGenerator<TestEvent> {
    for await (const event of source) {
      switch (event.type) {
        case 'test:diagnostic':
          if (isKnown(event.data.message)) break;
          yield event;
          break;
        case 'test:fail':
        case 'test:stderr':
        case 'test:stdout':
          yield event;
          break;
        case 'test:summary': {
          const { tests, passed, skipped, todo } = event.data.counts;
          counts = { tests, failed: tests - passed - skipped - todo, skipped };
          yield event;
        }
      }
    }
  }
  yield* Readable.from(withoutPassed()).pipe(new spec()).setEncoding('utf8');
  if (counts !== undefined) yield `${countsPrefix}${JSON.stringify(counts)}\n`;
}

/** `tests 12` and its like, which the summary has too, and the seed, which is the same for all. */
function isKnown(message: string): boolean {
  return /^((tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+|Randomized test order .*)$/.test(
    message,
  );
}
