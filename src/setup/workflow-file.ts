import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import { packageRoot } from '../runtime/package-root.ts';
import {
  type Secrets,
  type SecretUse,
  secretNames,
  type WorkflowName,
  type WorkflowSource,
} from './workflow-answers.ts';

/** What the workflows of a repository are made for. */
export interface WorkflowSettings {
  readonly from: WorkflowSource;
  /** The config, from the root of the repository. */
  readonly config: string;
  readonly base: string;
  /** Globs of the files that declare namespaces, from the root. */
  readonly namespaces: readonly string[];
  readonly auth: 'app' | 'token';
  readonly secrets: Secrets;
  readonly runner?: string;
  readonly environment?: string;
}

/** Where a workflow goes, from the root of the repository. */
export function workflowPath(name: WorkflowName): string {
  return `.github/workflows/athenz-gitops-${name}.yml`;
}

/** A workflow that calls one of ours: its template, with what differs from one repository to another. */
export async function workflowText(name: WorkflowName, settings: WorkflowSettings): Promise<string> {
  const template = new URL(`templates/workflows/${name}.yml`, packageRoot);
  return fillWorkflow(await readFile(fileURLToPath(template), 'utf8'), settings);
}

/** Fills a template. Values are set in the YAML tree, so that no text acts as YAML. */
function fillWorkflow(template: string, settings: WorkflowSettings): string {
  const document = parseDocument(template);
  const jobs = document.get('jobs');
  for (const { key } of isMap(jobs) ? jobs.items : []) fillJob(document, ['jobs', String(key)], settings);
  if (document.hasIn(['on', 'push'])) {
    document.setIn(['on', 'push', 'branches', 0], scalarOf(document, settings.base));
    const paths = [settings.config, ...settings.namespaces.map(watched)];
    for (const event of ['push', 'pull_request']) setList(document, ['on', event, 'paths'], paths);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function fillJob(document: Document, job: readonly string[], settings: WorkflowSettings): void {
  const { from, config, runner, environment, auth, secrets } = settings;
  const uses = String(document.getIn([...job, 'uses']));
  document.setIn([...job, 'uses'], uses.replace(/^[^/]+\/[^/]+\/(.*)@.*$/, `${from.repository}/$1@${from.ref}`));
  document.setIn([...job, 'with', 'config'], scalarOf(document, config));
  if (runner !== undefined) document.setIn([...job, 'with', 'runner'], runner);
  if (auth === 'token' && document.hasIn([...job, 'with', 'app-id'])) {
    document.deleteIn([...job, 'with', 'app-id']);
    document.deleteIn([...job, 'secrets', secretNames['app-key']]);
    document.set('permissions', document.createNode({ contents: 'write', 'pull-requests': 'write' }));
  }
  if (!document.hasIn([...job, 'secrets'])) return;
  if (environment !== undefined) document.setIn([...job, 'with', 'environment'], environment);
  for (const [use, name] of Object.entries(secretNames)) {
    const place = [...job, 'secrets', name];
    if (document.hasIn(place)) document.setIn(place, `\${{ secrets.${secrets[use as SecretUse]} }}`);
  }
}

function scalarOf(document: Document, text: string) {
  const scalar = document.createNode(text);
  // yaml 2.9 writes some texts of several lines so that they read as something else.
  if (!/^[ -~]*$/.test(text)) scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}

/** In place, so that the comment beside it stays. */
function setList(document: Document, place: readonly string[], values: readonly string[]): void {
  const old = document.getIn(place, true) as { comment?: string } | undefined;
  const list = document.createNode([...new Set(values)], { flow: true });
  list.comment = old?.comment ?? null;
  for (const item of 'items' in list ? (list.items as readonly unknown[]) : []) {
    if (isScalar(item) && /[*?[\]!]/.test(String(item.value))) item.type = 'QUOTE_DOUBLE';
  }
  document.setIn(place, list);
}

/** A glob as GitHub's filters know it: everything below the folder that it starts with. */
function watched(glob: string): string {
  const parts = glob.split('/');
  const first = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part));
  return first < 0 ? glob : [...parts.slice(0, first), '**'].join('/');
}
