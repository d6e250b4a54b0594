import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './support/generated.ts';

// Until it is published, anybody may take the name on npm: nothing that a user reads or runs may have a package manager fetch it by name.

const name = String.raw`athenz-gitops(@[\w.^~-]*)?(?=$|[\s'",;)])`;
const fetches: readonly RegExp[] = [
  new RegExp(String.raw`\b(npx|pnpx|bunx)\b(?! --no-install ).*?(^|[\s'"=])${name}`),
  new RegExp(
    String.raw`\b(npm|pnpm|yarn|bun)( global)? (i|install|add|exec|x|dlx|update|init|create|view)\b.*?[\s'"=]${name}`,
  ),
];

/** The commands of a text that would ask a registry for the name. */
function fetched(text: string): readonly string[] {
  const commands = text.replaceAll(/\\\n\s*/g, '').split(/\n|`|;|&&|\||\$ /);
  return commands.filter((command) => fetches.some((pattern) => pattern.test(command))).map((it) => it.trim());
}

const examples: readonly (readonly [text: string, isFetched: boolean])[] = [
  ['npx athenz-gitops demo', true],
  ['run `npx --yes athenz-gitops@latest`', true],
  ['npx -p athenz-gitops athenz-gitops demo', true],
  ['npm install athenz-gitops', true],
  ['npm i -g athenz-gitops@0.1.0', true],
  ['RUN npm ci && npm install --global \\\n  athenz-gitops', true],
  ['pnpm dlx athenz-gitops init', true],
  ['yarn global add athenz-gitops', true],
  ['npx --no-install athenz-gitops plan', false],
  ['npm install --global ./athenz-gitops-0.1.0.tgz', false],
  ['npm install https://example.com/athenz-gitops-0.1.0.tgz', false],
  ['npm install git+https://github.com/OWNER/athenz-gitops.git#v0.1.0', false],
  ['npm ci && npx --no-install athenz-gitops --help', false],
  ['npm install, then run `athenz-gitops plan`', false],
];
for (const [text, isFetched] of examples) {
  test(`${JSON.stringify(text)} ${isFetched ? 'fetches' : 'does not fetch'} it by name`, () => {
    assert.equal(fetched(text).length > 0, isFetched);
  });
}

test('no page, message, workflow or manifest fetches it by name', async () => {
  const files = globSync(
    [
      ...['*.{md,yml,yaml,json}', 'Dockerfile', 'bin/*', '.github/**/*.*', '.ci/*'],
      ...['deploy/**/*.*', 'docs/**/*.md', 'packaging/**/*.*', 'src/**/*.ts', 'templates/**/*.*'],
    ],
    { cwd: projectRoot },
  );
  assert.ok(files.includes('README.md') && files.includes('.github/workflows/ci.yml') && files.length > 400);
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(projectRoot, file), 'utf8');
      return fetched(text).map((command) => `${file}: ${command}`);
    }),
  );
  assert.deepEqual(found.flat(), []);
});
