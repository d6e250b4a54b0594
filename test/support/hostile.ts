import fc from 'fast-check';

/** Names that somebody picked to break a report: markup, mentions, links, terminal escapes, invisible characters. */
export const hostileNames: readonly string[] = [
  '@org/everyone',
  '#123',
  'owner/repo#1',
  'GH-26',
  'www.example.com',
  'see www.example.com',
  'https://example.com/',
  'user._x_',
  '__admin__',
  '**bold**',
  'a|b|c',
  '\\|',
  '`',
  '``` a',
  'a` | ➖ | b',
  '</code><img src=x onerror=alert(1)>',
  '<!-- athenz-gitops v1 {"scope":"prod"} -->',
  '-->',
  '</details>',
  '&lt;b&gt;',
  '&#64;all',
  '[a](javascript:alert(1))',
  '![a](https://example.com/a.png)',
  ':tada:',
  '$x^2$',
  '~~gone~~',
  'line\nbreak',
  'line\r\n\r\n# heading',
  '\n\nSigned-off-by: Somebody <a@example.com>',
  'tab\tand\u0000null',
  '\u001b[2J\u001b[31mred\u001b[0m',
  '\u009b31m',
  'rtl\u202egnp.exe',
  'zero\u200bwidth\u2060',
  'line\u2028separator\u2029',
  '\ufeffbom',
  'tag\u{e0041}',
  'lone\ud800surrogate',
  '\udfff',
  '🙂'.repeat(150),
  'x'.repeat(5000),
  ' ',
  '',
];

/** Words that a reader of YAML 1.1 takes for something else, all of them names that Athenz has. */
export const yamlTraps: readonly string[] = [
  'y',
  'no',
  'on',
  'null',
  'true',
  '1_000',
  '0o7',
  '0x1f',
  '1e3',
  '012',
  '_',
];

/** What else somebody may call a member, a role, a group, a domain or a namespace, to end up where no name belongs. */
export const strangeNames: readonly string[] = [
  ...hostileNames,
  ...yamlTraps.map((trap) => `user.${trap}`),
  ...yamlTraps,
  'a"b',
  "a'b",
  'a: b',
  'a #b',
  '- a',
  'next\u0085line',
  '\u{10ffff}',
  'n'.repeat(10_000),
  '..',
  '.',
  '/',
  '../../etc/passwd',
  '..%2f..',
  '\0',
  'refs/heads/x',
  '--upload-pack=touch x',
  '-',
  '$(id)',
  '__proto__',
  'constructor',
  '%s%n',
  '?x=1',
];

const pieces = fc.oneof(
  fc.constantFrom(...hostileNames),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(...'|`<>&@#*_~[](){}!\\-.:/+$\'"=\n\r\t \u001b\u202e\ud800\udc00ab1'),
    maxLength: 30,
  }),
);

/** Any text at all, with what does harm more often than chance would have it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  pieces,
  fc.array(pieces, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
);
