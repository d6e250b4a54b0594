import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../support/generated.ts';
import { deployFolder, objectsOf, podsOf } from '../support/manifests.ts';
import type { Workflow } from '../support/workflow.ts';

// What can be said of the image without building it; CI builds it.

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const textOf = (path: string) => readFile(join(projectRoot, path), 'utf8');
const instructions = (await textOf('Dockerfile'))
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .flatMap((line): Instruction[] => {
    const [, name = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, text }];
  });
const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const textsOf = (name: string, from = instructions) => from.filter((it) => it.name === name).map(({ text }) => text);
const packageFile = JSON.parse(await textOf('package.json')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly description: string;
  readonly license: string;
  readonly engines: { readonly node: string };
};

test('it is built in one stage and runs in another, on a Node that the program takes', () => {
  const image = /^NODE_IMAGE=node:(\d+)-/.exec(textsOf('ARG')[0] ?? '') ?? assert.fail('no image of Node');
  assert.deepEqual(textsOf('FROM'), [`\${NODE_IMAGE} AS build`, `\${NODE_IMAGE}`]);
  const [, least = ''] = /^>=(\d+)/.exec(packageFile.engines.node) ?? [];
  assert.ok(Number(image[1]) > Number(least), `${image[1]} ${least}`);
});

test('it runs as the user of the manifests, who is a number and not root', async () => {
  const [pod] = podsOf(objectsOf(await readFile(join(deployFolder, 'deployment.yaml'), 'utf8')));
  const { runAsUser, runAsGroup } = (pod?.securityContext ?? {}) as Readonly<Record<string, number>>;
  assert.deepEqual(textsOf('USER', last), [`${runAsUser}:${runAsGroup}`]);
});

test('it starts the program, and has what that needs', () => {
  const [program = ''] = Object.values(packageFile.bin);
  assert.deepEqual(textsOf('ENTRYPOINT', last), ['["tini", "--", "athenz-gitops"]']);
  const [run = ''] = textsOf('RUN', last);
  for (const part of [
    ' ca-certificates git openssh-client tini ',
    `ln -s /app/${program} /usr/local/bin/athenz-gitops`,
  ])
    assert.ok(run.includes(part), part);
  assert.deepEqual(textsOf('COPY', last), ['--from=build /app /app']);
});

test('it says what it is, in the labels of the OCI', () => {
  const labels = [...(textsOf('LABEL', last)[0] ?? '').matchAll(/org\.opencontainers\.image\.([a-z]+)="([^"]+)"/g)];
  assert.deepEqual(Object.fromEntries(labels.map(([, name, value]) => [name, value])), {
    title: 'athenz-gitops',
    description: packageFile.description,
    licenses: packageFile.license,
    version: `\${VERSION}`,
    revision: `\${REVISION}`,
    source: `\${SOURCE}`,
  });
  const given = textsOf('ARG', last).map((text) => text.split('=')[0]);
  assert.deepEqual(given, ['VERSION', 'REVISION', 'SOURCE']);
});

test('what it copies exists, is not ignored, and is all that is published', async () => {
  const copied = textsOf('COPY').flatMap((text) => (text.startsWith('--') ? [] : text.split(' ').slice(0, -1)));
  for (const path of copied) await stat(join(projectRoot, path));
  const [first, ...allowed] = (await textOf('.dockerignore')).split('\n').filter((line) => /^[^#]/.test(line));
  assert.equal(first, '*');
  assert.deepEqual(allowed.map((line) => line.replace(/^!/, '')).sort(), copied.sort());
  // "dist" is made from "src".
  for (const path of packageFile.files.filter((it) => !it.startsWith('!')))
    assert.ok(copied.includes(path === 'dist' ? 'src' : path), path);
});

test('dependencies are those of the lock file, and none of their scripts run', () => {
  const installs = textsOf('RUN').flatMap((text) => text.match(/npm (ci|install|i)\b[^&]*/g) ?? []);
  assert.equal(installs.length, 1);
  for (const it of installs) assert.match(it, /^npm ci .*--ignore-scripts/);
});

test('CI builds it, and runs it as a pod would', async () => {
  const { jobs } = parse(await textOf('.github/workflows/ci.yml')) as Workflow;
  const runs = (jobs['image']?.steps ?? []).flatMap(({ run }) => run ?? []);
  assert.match(runs[0] ?? '', /^docker build /);
  assert.match(runs[1] ?? '', /^docker run .*--read-only --cap-drop=ALL .* --version$/m);
  assert.ok(runs.includes('test/install/image.sh athenz-gitops'));
});
