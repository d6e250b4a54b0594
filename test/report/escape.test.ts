import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeMarkdown, showCode } from '../../src/report/escape.ts';
import { visible } from '../../src/report/visible.ts';
import { anyText, hostileNames } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';

for (const name of ['user.ada', 'payments', 'growth-cache-2', 'user.chen_2', 'acme.eks.a-b', '7', 'a'.repeat(200)]) {
  test(`keeps the plain name ${name.slice(0, 20)}`, () => {
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
  test(`shows ${JSON.stringify(text)} as code`, () => {
    assert.equal(escapeMarkdown(text), shown);
  });
}

test('showCode shows any role name as code', () => {
  assert.equal(showCode('k8s_ns_admins'), '`k8s_ns_admins`');
  assert.equal(showCode('a`b'), '<code>a&#96;b</code>');
});

/** The text that a browser shows, or undefined if any of the input could be markup. */
function shownBy(markdown: string): string | undefined {
  // A single mark between letters and digits is neither emphasis nor a link.
  if (/^(?!www\.|gh-\d)[a-z0-9]+([._-][a-z0-9]+)*$/i.test(markdown)) return markdown;
  const [, span] = /^`([^`\s|<&]+)`$/.exec(markdown) ?? [];
  if (span !== undefined) return span;
  const [, element] = /^<code>((?:[A-Za-z0-9 …]|&#\d{1,7};)*)<\/code>$/.exec(markdown) ?? [];
  return element?.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

test('escaped text has no markup and shows the original text', () => {
  for (const show of [escapeMarkdown, showCode]) {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(shownBy(show(text)), visible(text));
      }),
      { numRuns: trials(500), examples: hostileNames.map((name) => [name]) },
    );
  }
});

test('escaped text fits in a table cell: one line without a pipe', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.doesNotMatch(escapeMarkdown(text), /[|\n\r\u0085\u2028\u2029]/);
    }),
    { numRuns: trials(500), examples: hostileNames.map((name) => [name]) },
  );
});
