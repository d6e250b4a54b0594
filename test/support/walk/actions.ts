import { pullLabels } from '../../../src/model/pull.ts';
import { call } from '../github/client.ts';
import type { PullView } from '../github/stand-in.ts';
import { gitIn } from '../repository.ts';
import {
  botLogin,
  branchPrefix,
  clusters,
  digestOf,
  inventoryOf,
  namespaces,
  personToken,
  roles,
  type Walk,
} from './walk.ts';

/** What somebody does. Gives what it was; throws where GitHub would not let them. */
type Action = (walk: Walk) => string | Promise<string>;

const people = ['user.ada', 'user.bo', 'user.cy', 'user.di', 'user.ed'];
const hour = 3_600_000;

/** Everything that happens around the program, and how often. */
export const actions = {
  membership: [6, changeMembers],
  'domain goes': [0.5, removeDomain],
  merge: [4, merge],
  close: [2, close],
  reopen: [1, reopen],
  comment: [0.5, comment],
  'edit the body': [1, editBody],
  'edit the title': [0.5, editTitle],
  label: [1.5, label],
  'ask for a rebuild': [1, askForRebuild],
  commit: [1.5, commit],
  'update branch': [1.5, updateBranch],
  'delete branch': [1, deleteBranch],
  retarget: [0.7, retarget],
  'other work': [1.5, otherWork],
  namespaces: [1.5, changeNamespaces],
  'edit the output': [1.5, editOutput],
  'land by hand': [0.5, landByHand],
  time: [1.5, passTime],
} as const satisfies Readonly<Record<string, readonly [number, Action]>>;

export type ActionName = keyof typeof actions;

export const weights = Object.fromEntries(
  Object.entries(actions).map(([name, [weight]]) => [name, weight]),
) as Readonly<Record<ActionName, number>>;

function changeMembers({ random, setMembers, now }: Walk): string {
  const domain = `acme.${random.pick(clusters)}.${random.pick(['a', 'b', ...namespaces])}`;
  const role = random.pick(roles);
  const members = random.some(people).map((name) => {
    const expires = new Date(now() + (1 + random.below(100)) * hour).toISOString();
    return random.chance(0.2) ? { name, expires } : { name };
  });
  setMembers(domain, role, members);
  return `${domain}:${role} = ${members.map((it) => Object.values(it).join(' until ')).join(', ')}`;
}

function removeDomain({ random, fixture }: Walk): string {
  const domain = `acme.${random.pick(clusters)}.${random.pick(namespaces)}`;
  fixture.removeDomain(domain);
  return domain;
}

function merge({ random, fixture, memory, ...walk }: Walk): string {
  const pull = random.pick(walk.open());
  const method = random.pick(['merge', 'squash', 'rebase'] as const);
  fixture.github.merge(pull.number, method);
  if (pull.base === 'main') {
    memory.base = fixture.github.git.run('rev-parse', 'main');
    memory.commits.delete(pull.head);
  }
  return `#${pull.number} by ${method}`;
}

function close({ random, fixture, memory, ...walk }: Walk): string {
  const pull = random.pick(walk.open());
  fixture.github.close(pull.number);
  decline(memory, pull);
  return `#${pull.number}`;
}

/** Somebody does not want what it proposes. */
function decline(memory: Walk['memory'], pull: PullView): void {
  const digest = digestOf(pull);
  if (digest !== undefined) memory.declined.set(pull.number, { branch: pull.head, digest });
}

function reopen({ random, fixture, memory }: Walk): string {
  const { number } = random.pick(
    fixture.github.pulls().filter((it) => it.state === 'closed' && it.merged === undefined),
  );
  fixture.github.reopen(number);
  memory.declined.delete(number);
  return `#${number}`;
}

async function comment({ random, fixture, ...walk }: Walk): Promise<string> {
  const { number } = random.pick(walk.open());
  await call(fixture.github, 'POST', `issues/${number}/comments`, { body: 'Who is this?' }, personToken);
  return `#${number}`;
}

function editBody({ random, fixture, ...walk }: Walk): string {
  const { number, body } = random.pick(walk.open());
  const texts = [`Please look, @hubot.\n\n${body}`, `${body}\nChecked.`, '', `${body}`.replace('user.', 'somebody ')];
  const text = random.pick(texts);
  fixture.github.editBody(number, text);
  return `#${number}: ${texts.indexOf(text)}`;
}

async function editTitle({ random, fixture, ...walk }: Walk): Promise<string> {
  const { number } = random.pick(walk.open());
  await call(fixture.github, 'PATCH', `pulls/${number}`, { title: 'Please review' }, personToken);
  return `#${number}`;
}

function label({ random, fixture, memory }: Walk): string {
  const pull = random.pick(fixture.github.pulls());
  const { number } = pull;
  // Nobody asks for a rebuild of what they have closed any more.
  const asked = pull.labels.includes(pullLabels.rebuild);
  if (asked && pull.state === 'closed' && pull.merged === undefined && pull.closedBy !== botLogin)
    decline(memory, pull);
  const labels = random.some([pullLabels.own, pullLabels.removal, pullLabels.blocked, 'urgent']);
  fixture.github.setLabels(number, labels);
  return `#${number}: ${labels}`;
}

function askForRebuild({ random, fixture, memory }: Walk): string {
  const { number, labels, head } = random.pick(fixture.github.pulls().slice(-3));
  fixture.github.setLabels(number, [...labels, pullLabels.rebuild]);
  memory.declined.delete(number);
  return `#${number} ${head}`;
}

function commit({ random, fixture, memory, ...walk }: Walk): string {
  const heads = walk.open().map(({ head }) => head);
  const branch = heads.length === 0 || random.chance(0.1) ? random.pick(walk.branches()) : random.pick(heads);
  const file = random.pick(['notes/why.md', 'output/prod/a/rbac.yaml', 'output/dev/b/rbac.yaml']);
  const old = fixture.github.git.ask('show', `refs/heads/${branch}:${file}`);
  const text = `# by hand, ${random.below(1e6)}\n`;
  // A file of somebody's own in the output would hold its namespace.
  const id = fixture.github.humanCommit(
    branch,
    old === undefined ? { 'notes/why.md': text } : { [file]: `${old}\n${text}` },
  );
  memory.commits.set(branch, new Set([...(memory.commits.get(branch) ?? []), id]));
  return `${id.slice(0, 8)} on ${branch}`;
}

function updateBranch({ random, fixture, ...walk }: Walk): string {
  const { number } = random.pick(walk.open().filter(({ base }) => base === 'main'));
  fixture.github.updateBranch(number);
  return `#${number}`;
}

function deleteBranch({ random, fixture, memory, ...walk }: Walk): string {
  const branch = random.pick([...fixture.github.git.branches().keys()].filter((it) => it.startsWith(branchPrefix)));
  for (const pull of walk.open()) if (pull.head === branch) decline(memory, pull);
  fixture.github.deleteBranch(branch);
  memory.commits.delete(branch);
  return branch;
}

async function retarget({ random, fixture, ...walk }: Walk): Promise<string> {
  const { number, base } = random.pick(walk.open());
  const to = base === 'main' ? 'release' : 'main';
  await call(fixture.github, 'PATCH', `pulls/${number}`, { base: to }, personToken);
  return `#${number} to ${to}`;
}

function otherWork(walk: Walk): string {
  land(walk, { 'README.md': `# GitOps ${walk.random.below(1e6)}\n` });
  return '';
}

function changeNamespaces(walk: Walk): string {
  const { random } = walk;
  const cluster = random.pick(clusters);
  const chosen = random.some(namespaces);
  const names = chosen.length === 0 ? ['a'] : chosen;
  land(walk, { [inventoryOf(cluster)]: `${JSON.stringify(names)}\n` });
  return `${cluster}: ${names}`;
}

function editOutput(walk: Walk): string {
  const { random } = walk;
  const { git } = walk.fixture.github;
  const path = random.pick(git.run('ls-tree', '-r', '--name-only', 'main', 'output/').split('\n').filter(Boolean));
  const text = git.run('show', `main:${path}`);
  const edits = { comment: `${text}\n# by hand\n`, swap: `${text.replace(/"user\.\w+"/, '"user.zoe"')}\n`, gone: null };
  const edit = random.pick(['comment', 'swap', 'gone'] as const);
  land(walk, { [path]: edits[edit] });
  return `${path}: ${edit}`;
}

/** Somebody commits to the base just what is proposed. */
function landByHand(walk: Walk): string {
  const { git } = walk.fixture.github;
  const pull = walk.random.pick(walk.open());
  const paths = git.run('diff', '--name-only', `main...${pull.head}`, '--', 'output').split('\n').filter(Boolean);
  const texts = paths.map((path) => [path, git.ask('show', `${pull.head}:${path}`)] as const);
  land(walk, Object.fromEntries(texts.map(([path, text]) => [path, text === undefined ? null : `${text}\n`])));
  return `#${pull.number}`;
}

function land({ fixture, memory }: Walk, files: Readonly<Record<string, string | null>>): void {
  memory.base = fixture.github.commitTo('main', files);
}

function passTime(walk: Walk): string {
  const hours = 1 + walk.random.below(60);
  walk.ahead += hours * hour;
  // Whoever works in the clone may have it anywhere.
  if (walk.random.chance(0.2)) gitIn(walk.fixture.dir, 'gc', '--quiet', '--prune=now');
  return `${hours} h`;
}
