import { isCancel, text } from '@clack/prompts';
import { AppError } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { type AnswerName, type Answers, defaultCluster, defaultNamespaces, wrongWith } from './answers.ts';

interface Question {
  readonly message: string;
  /** What no answer means; `null`: nothing, and the config goes without. Left out: there has to be an answer. */
  readonly otherwise?: string | null;
}

const order = ['zmsUrl', 'cert', 'key', 'ca', 'cluster', 'domain', 'namespaces', 'role'] satisfies AnswerName[];

/** Whether a person can be asked. Some CI systems have a terminal without one. */
export function canAsk(io: Io): boolean {
  return io.inIsTerminal && io.errIsTerminal && !io.env['CI'];
}

/**
 * Asks at the terminal for what was not given as a flag.
 *
 * @param shown turns a path relative to the config into one that the person would type
 * @throws AppError `CANCELLED` when the person stops answering
 */
export async function askFor(io: Io, given: Answers, shown: (path: string) => string): Promise<Answers> {
  let answers = given;
  for (const name of order) {
    const question = answers[name] === undefined ? questionOf(name, answers, shown) : undefined;
    if (question === undefined) continue;
    const entered = await ask(io, question, (answer) => wrongWith(name, valuesOf(name, answer)));
    if (entered === '') continue;
    const values = valuesOf(name, entered);
    answers = { ...answers, [name]: name === 'role' || name === 'namespaces' ? values : entered };
  }
  return answers;
}

/** Several roles may stand in one answer; a path may hold blanks. */
function valuesOf(name: AnswerName, answer: string): readonly string[] {
  return name === 'role' ? answer.split(/\s+/) : [answer];
}

function questionOf(
  name: (typeof order)[number],
  answers: Answers,
  shown: (path: string) => string,
): Question | undefined {
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
  }
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
