import { Readable } from 'node:stream';
import { spec, type TestEvent } from 'node:test/reporters';

/** The `spec` reporter without the tests that passed: failures, diagnostics and the counts. For `node --test --test-reporter`. */
// biome-ignore lint/style/noDefaultExport: node --test takes the default export
export default async function* reportFailures(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  yield* Readable.from(withoutPassed(source)).pipe(new spec()).setEncoding('utf8');
}

async function* withoutPassed(source: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of source) {
    switch (event.type) {
      case 'test:fail':
      case 'test:diagnostic':
      case 'test:stderr':
      case 'test:stdout':
      case 'test:summary':
        yield event;
    }
  }
}
