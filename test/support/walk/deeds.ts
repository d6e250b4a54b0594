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
type Deed = (walk: Walk) => string | Promise<string>;

const people = ['user.ada', 'user.bo', 'user.cy', 'user.di', 'user.ed'];
const hour = 3_600_000;

/** Everything that happens around the program, and how often. */
export const deeds = {
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
} as const satisfies Readonly<Record<string, readonly [number, Deed]>>;

export type DeedName = keyof typeof deeds;

export const weights = Object.fromEntries(Object.entries(deeds).map(([name, [weight]]) => [name, weight])) as Readonly<
  Record<DeedName, number>
>;

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

function removeDomain({ random, stage }: Walk): string {
  const domain = `acme.${random.pick(clusters)}.${random.pick(namespaces)}`;
  stage.removeDomain(domain);
  return domain;
}

function merge({ random, stage, memory, ...walk }: Walk): string {
  const pull = random.pick(walk.open());
  const method = random.pick(['merge', 'squash', 'rebase'] as const);
  stage.github.merge(pull.number, method);
  if (pull.base === 'main') {
    memory.base = stage.github.git.run('rev-parse', 'main');
    memory.commits.delete(pull.head);
  }
  return `#${pull.number} by ${method}`;
}

function close({ random, stage, memory, ...walk }: Walk): string {
  const pull = random.pick(walk.open());
  stage.github.close(pull.number);
  decline(memory, pull);
  return `#${pull.number}`;
}

/** Somebody does not want what it proposes. */
function decline(memory: Walk['memory'], pull: PullView): void {
  const digest = digestOf(pull);
  if (digest !== undefined) memory.declined.set(pull.number, { branch: pull.head, digest });
}

function reopen({ random, stage, memory }: Walk): string {
  const { number } = random.pick(stage.github.pulls().filter((it) => it.state === 'closed' && it.merged === undefined));
  stage.github.reopen(number);
  memory.declined.delete(number);
  return `#${number}`;
}

async function comment({ random, stage, ...walk }: Walk): Promise<string> {
  const { number } = random.pick(walk.open());
  await call(stage.github, 'POST', `issues/${number}/comments`, { body: 'Who is this?' }, personToken);
  return `#${number}`;
}

function editBody({ random, stage, ...walk }: Walk): string {
  const { number, body } = random.pick(walk.open());
  const texts = [`Please look, @hubot.\n\n${body}`, `${body}\nChecked.`, '', `${body}`.replace('user.', 'somebody ')];
  const text = random.pick(texts);
  stage.github.editBody(number, text);
  return `#${number}: ${texts.indexOf(text)}`;
}

async function editTitle({ random, stage, ...walk }: Walk): Promise<string> {
  const { number } = random.pick(walk.open());
  await call(stage.github, 'PATCH', `pulls/${number}`, { title: 'Please review' }, personToken);
  return `#${number}`;
}

function label({ random, stage, memory }: Walk): string {
  const pull = random.pick(stage.github.pulls());
  const { number } = pull;
  // Nobody asks for a rebuild of what they have closed any more.
  const asked = pull.labels.includes(pullLabels.rebuild);
  if (asked && pull.state === 'closed' && pull.merged === undefined && pull.closedBy !== botLogin)
    decline(memory, pull);
  const labels = random.some([pullLabels.own, pullLabels.removal, pullLabels.blocked, 'urgent']);
  stage.github.setLabels(number, labels);
  return `#${number}: ${labels}`;
}

function askForRebuild({ random, stage, memory }: Walk): string {
  const { number, labels, head } = random.pick(stage.github.pulls().slice(-3));
  stage.github.setLabels(number, [...labels, pullLabels.rebuild]);
  memory.declined.delete(number);
  return `#${number} ${head}`;
}

function commit({ random, stage, memory, ...walk }: Walk): string {
  const heads = walk.open().map(({ head }) => head);
  const branch = heads.length === 0 || random.chance(0.1) ? random.pick(walk.branches()) : random.pick(heads);
  const file = random.pick(['notes/why.md', 'output/prod/a/rbac.yaml', 'output/dev/b/rbac.yaml']);
  const old = stage.github.git.ask('show', `refs/heads/${branch}:${file}`);
  const text = `# by hand, ${random.below(1e6)}\n`;
  // A file of somebody's own in the output would hold its namespace.
  const id = stage.github.humanCommit(
    branch,
    old === undefined ? { 'notes/why.md': text } : { [file]: `${old}\n${text}` },
  );
  memory.commits.set(branch, new Set([...(memory.commits.get(branch) ?? []), id]));
  return `${id.slice(0, 8)} on ${branch}`;
}

function updateBranch({ random, stage, ...walk }: Walk): string {
  const { number } = random.pick(walk.open().filter(({ base }) => base === 'main'));
  stage.github.updateBranch(number);
  return `#${number}`;
}

function deleteBranch({ random, stage, memory, ...walk }: Walk): string {
  const branch = random.pick([...stage.github.git.branches().keys()].filter((it) => it.startsWith(branchPrefix)));
  for (const pull of walk.open()) if (pull.head === branch) decline(memory, pull);
  stage.github.deleteBranch(branch);
  memory.commits.delete(branch);
  return branch;
}

async function retarget({ random, stage, ...walk }: Walk): Promise<string> {
  const { number, base } = random.pick(walk.open());
  const to = base === 'main' ? 'release' : 'main';
  await call(stage.github, 'PATCH', `pulls/${number}`, { base: to }, personToken);
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
  const { git } = walk.stage.github;
  const path = random.pick(git.run('ls-tree', '-r', '--name-only', 'main', 'output/').split('\n').filter(Boolean));
  const text = git.run('show', `main:${path}`);
  const edits = { comment: `${text}\n# by hand\n`, swap: `${text.replace(/"user\.\w+"/, '"user.zoe"')}\n`, gone: null };
  const edit = random.pick(['comment', 'swap', 'gone'] as const);
  land(walk, { [path]: edits[edit] });
  return `${path}: ${edit}`;
}

/** Somebody commits to the base just what is proposed. */
function landByHand(walk: Walk): string {
  const { git } = walk.stage.github;
  const pull = walk.random.pick(walk.open());
  const paths = git.run('diff', '--name-only', `main...${pull.head}`, '--', 'output').split('\n').filter(Boolean);
  const texts = paths.map((path) => [path, git.ask('show', `${pull.head}:${path}`)] as const);
  land(walk, Object.fromEntries(texts.map(([path, text]) => [path, text === undefined ? null : `${text}\n`])));
  return `#${pull.number}`;
}

function land({ stage, memory }: Walk, files: Readonly<Record<string, string | null>>): void {
  memory.base = stage.github.commitTo('main', files);
}

function passTime(walk: Walk): string {
  const hours = 1 + walk.random.below(60);
  walk.ahead += hours * hour;
  // Whoever works in the clone may have it anywhere.
  if (walk.random.chance(0.2)) gitIn(walk.stage.dir, 'gc', '--quiet', '--prune=now');
  return `${hours} h`;
}
