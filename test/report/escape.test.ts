import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeMarkdown, showCode } from '../../src/report/escape.ts';
import { visible } from '../../src/report/visible.ts';
import { anyText, hostileNames } from '../support/hostile.ts';

for (const name of ['user.ada', 'payments', 'growth-cache-2', 'user.chen_2', 'acme.eks.a-b', '7', 'a'.repeat(200)]) {
  test(`a plain name stays as it is: ${name.slice(0, 20)}`, () => {
    assert.equal(escapeMarkdown(name), name);
  });
}

for (const [text, shown] of [
  ['acme.org:group.payments', '`acme.org:group.payments`'],
  ['output/prod/payments/rbac.yaml', '`output/prod/payments/rbac.yaml`'],
  ['user._x_', '`user._x_`'],
  ['__admin__', '`__admin__`'],
  ['user.ada_', '`user.ada_`'],
  ['www.example.com', '`www.example.com`'],
  ['GH-26', '`GH-26`'],
  ['gh-26', '`gh-26`'],
  ['@org/everyone', '<code>&#64;org&#47;everyone</code>'],
  ['a|b', '<code>a&#124;b</code>'],
  ['a`b', '<code>a&#96;b</code>'],
  ['see www.example.com', '<code>see www&#46;example&#46;com</code>'],
  ['a\nb', '<code>a&#92;u000ab</code>'],
  ['&#64;', '<code>&#38;&#35;64&#59;</code>'],
  ['🙂', '<code>&#128578;</code>'],
  ['', '<code></code>'],
] as const) {
  test(`${JSON.stringify(text)} is shown as code that says just that`, () => {
    assert.equal(escapeMarkdown(text), shown);
  });
}

test('a role is shown as code, whatever its name is', () => {
  assert.equal(showCode('k8s_ns_admins'), '`k8s_ns_admins`');
  assert.equal(showCode('a`b'), '<code>a&#96;b</code>');
});

/** What a browser would show of an escaped text, or undefined where anything in it could be more than text. */
function shownBy(markdown: string): string | undefined {
  // Between letters and digits, one mark makes neither emphasis nor a link.
  if (/^(?!www\.|gh-\d)[a-z0-9]+([._-][a-z0-9]+)*$/i.test(markdown)) return markdown;
  const [, span] = /^`([^`\s|<&]+)`$/.exec(markdown) ?? [];
  if (span !== undefined) return span;
  const [, element] = /^<code>((?:[A-Za-z0-9 …]|&#\d{1,7};)*)<\/code>$/.exec(markdown) ?? [];
  return element?.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

test('no text becomes more than text, and every text is still told', () => {
  for (const show of [escapeMarkdown, showCode]) {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(shownBy(show(text)), visible(text));
      }),
      { numRuns: 2000, examples: hostileNames.map((name) => [name]) },
    );
  }
});

test('an escaped text is one line without a bar, so that a table cell can hold it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.doesNotMatch(escapeMarkdown(text), /[|\n\r\u0085\u2028\u2029]/);
    }),
    { numRuns: 2000, examples: hostileNames.map((name) => [name]) },
  );
});
