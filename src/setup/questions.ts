import { isCancel, text } from '@clack/prompts';
import { AppError } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { type AnswerName, type Answers, defaultCluster, defaultNamespaces, wrongWith } from './answers.ts';
import type { Defaults } from './defaults.ts';
import { secretNames } from './workflow-answers.ts';

interface Question {
  readonly message: string;
  /** What no answer means; `null`: nothing, and the config goes without. Left out: there has to be an answer. */
  readonly otherwise?: string | null;
}

/** What questions depend on. */
interface Asking extends Defaults {
  /** Turns a path relative to the config into one that the person would type. */
  readonly shown: (path: string) => string;
}

const order = [
  'zmsUrl',
  'cert',
  'key',
  'ca',
  'cluster',
  'domain',
  'namespaces',
  'role',
  'forge',
  'repository',
  'base',
  'auth',
  'workflowsFrom',
  'secret',
] satisfies AnswerName[];

/** Answers of several words. */
const lists: ReadonlySet<AnswerName> = new Set(['role', 'secret']);

/** Whether a person can be asked. Some CI systems have a terminal without one. */
export function canAsk(io: Io): boolean {
  return io.inIsTerminal && io.errIsTerminal && !io.env['CI'];
}

/**
 * Asks at the terminal for what was not given as a flag.
 *
 * @throws AppError `CANCELLED` when the person stops answering
 */
export async function askFor(io: Io, given: Answers, asking: Asking): Promise<Answers> {
  let answers = given;
  for (const name of order) {
    const question = answers[name] === undefined ? questionOf(name, answers, asking) : undefined;
    if (question === undefined) continue;
    const entered = await ask(io, question, (answer) => wrongWith(name, valuesOf(name, answer)));
    if (entered === '') continue;
    const values = valuesOf(name, entered);
    answers = { ...answers, [name]: name === 'namespaces' || lists.has(name) ? values : entered };
  }
  return answers;
}

/** Several roles or secrets may stand in one answer; a path may hold blanks. */
function valuesOf(name: AnswerName, answer: string): readonly string[] {
  return lists.has(name) ? answer.split(/\s+/) : [answer];
}

function questionOf(
  name: (typeof order)[number],
  answers: Answers,
  { shown, ...defaults }: Asking,
): Question | undefined {
  if (isForGitHub(name) && answers.forge !== 'github') return undefined;
  // Secrets of an environment have the names that the called workflows give them.
  if (name === 'secret' && answers.environment !== undefined) return undefined;
  if ((name === 'auth' || name === 'workflowsFrom' || name === 'secret') && !defaults.workflows) return undefined;
  switch (name) {
    case 'zmsUrl':
      return { message: 'Where is ZMS? (such as https://zms.example.com:4443/zms/v1)' };
    case 'cert':
      if (answers.key !== undefined) return { message: 'Client certificate, a PEM file?' };
      return {
        message: 'Client certificate, a PEM file? (empty: ATHENZ_CERT and ATHENZ_KEY hold it)',
        otherwise: null,
      };
    case 'key':
      return answers.cert === undefined ? undefined : { message: 'Its private key, a PEM file?' };
    case 'ca':
      return { message: "CA of the server, a PEM file? (empty: one of the system's)", otherwise: null };
    case 'cluster':
      return { message: 'What is the cluster called?', otherwise: defaultCluster };
    case 'domain':
      return { message: 'Which Athenz domain does a namespace have? (such as eks.users.{namespace})' };
    case 'namespaces':
      return {
        message: 'Which files declare the namespaces?',
        otherwise: shown(defaultNamespaces(answers.cluster ?? defaultCluster)),
      };
    case 'role':
      return {
        message: 'Athenz roles and the ClusterRoles they give? (such as admins=admin viewers=view)',
      };
    case 'forge':
      return { message: 'Where are changes proposed? (github, local or none)', otherwise: defaults.forge };
    case 'repository':
      return { message: 'Which GitHub repository? (owner/name)', ...given(defaults.repository) };
    case 'base':
      return { message: 'Which branch are changes merged into?', otherwise: defaults.base };
    case 'auth':
      return {
        message: 'Who opens pull requests, a GitHub App or the token of the workflow? (app or token)',
        otherwise: 'app',
      };
    case 'workflowsFrom':
      return {
        message:
          'Where are the workflows of athenz-gitops? (owner/name@<tag or commit>; with --no-workflows none are written)',
        ...given(defaults.workflowsFrom),
      };
    case 'secret':
      return { message: 'How are the secrets of the workflow called?', otherwise: defaultSecrets(answers) };
  }
}

function isForGitHub(name: AnswerName): boolean {
  return ['repository', 'base', 'auth', 'workflowsFrom', 'secret'].includes(name);
}

/** The names that are used where nobody says, as they would be typed. */
function defaultSecrets({ auth }: Answers): string {
  const uses = auth === 'token' ? (['cert', 'key'] as const) : (['cert', 'key', 'app-key'] as const);
  return uses.map((use) => `${use}=${secretNames[use]}`).join(' ');
}

function given(otherwise: string | undefined): Pick<Question, 'otherwise'> {
  return otherwise === undefined ? {} : { otherwise };
}

async function ask(
  { dialog }: Io,
  { message, otherwise }: Question,
  wrong: (answer: string) => string | undefined,
): Promise<string> {
  const stopped = new AbortController();
  let answered = false;
  // Ctrl-D or a lost terminal stops the reading, which the question itself would not notice.
  const onPause = () => setImmediate(() => answered || stopped.abort());
  dialog.input.on('pause', onPause).on('end', onPause);
  const answer = await text({
    ...dialog,
    signal: stopped.signal,
    message,
    ...(otherwise ? { placeholder: otherwise, defaultValue: otherwise } : {}),
    validate: (entered = '') => {
      if (entered.trim() !== '') return wrong(entered.trim());
      return otherwise === undefined ? 'A value is required.' : undefined;
    },
  });
  answered = true;
  dialog.input.off('pause', onPause).off('end', onPause);
  if (isCancel(answer)) {
    throw new AppError('CANCELLED', 'init was cancelled; nothing was written', {
      next: 'run it again, or give the flags that --help lists',
    });
  }
  return answer.trim();
}
