import { AppError } from '../model/error.ts';
import { type AnswerName, type Answers, flagOf, gitHubAnswers } from './answers.ts';
import type { Defaults } from './defaults.ts';
import type { WantedFile } from './files.ts';
import {
  defaultWorkflows,
  parseWorkflowSource,
  secretNames,
  secretsOf,
  type WorkflowName,
  workflows,
} from './workflow-answers.ts';
import { workflowPath, workflowText } from './workflow-file.ts';

/** Answers for GitHub, with defaults in place of those that nobody gave. @see missingForGitHub */
export function withDefaults(answers: Answers, { repository, workflowsFrom }: Defaults): Answers {
  if (answers.forge !== 'github') return answers;
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(workflowsFrom === undefined ? {} : { workflowsFrom }),
    auth: 'app',
    ...answers,
  };
}

/** What is left to say for GitHub. */
export function missingForGitHub(answers: Answers, defaults: Defaults): readonly AnswerName[] {
  if (answers.forge !== 'github') return [];
  const given = withDefaults(answers, defaults);
  const needed: AnswerName[] = defaults.workflows ? ['repository', 'workflowsFrom'] : ['repository'];
  return needed.filter((name) => given[name] === undefined);
}

/** @throws AppError `USAGE` where flags for GitHub are given, and GitHub is not, or where two of them exclude each other */
export function refuseGitHubFlags(flags: Answers & { readonly workflow?: readonly string[] }): void {
  const given = [...gitHubAnswers.filter((name) => flags[name] !== undefined).map((name) => flagOf[name])];
  if (flags.workflow !== undefined) given.push('--workflow');
  if (flags.environment !== undefined && flags.secret !== undefined) {
    const next = `give the secrets of the environment their default names: ${Object.values(secretNames).join(', ')}`;
    throw new AppError('USAGE', '--secret cannot be used with --environment', { next });
  }
  if (given.length === 0 || flags.forge === 'github') return;
  throw new AppError('USAGE', `${given.join(', ')}: only for --forge github`, { next: 'add --forge github' });
}

/** What the workflows need to know of the config, relative to the root of the repository. */
export interface WorkflowPlace {
  readonly config: string;
  readonly base: string;
  readonly namespaces: readonly string[];
}

/** The workflows of a repository. @param answers complete, see `missingForGitHub` @throws AppError `USAGE` */
export async function workflowFiles(
  { workflowsFrom = '', auth = 'app', secret = [], runner, environment }: Answers,
  place: WorkflowPlace,
  names: readonly WorkflowName[] = defaultWorkflows,
): Promise<readonly WantedFile[]> {
  const from = parseWorkflowSource(workflowsFrom);
  if (from === undefined) return [];
  const expression = [place.config, place.base, ...place.namespaces].find((text) => text.includes('${{'));
  if (expression !== undefined) {
    throw new AppError('USAGE', `writing workflows: GitHub takes "\${{" in ${expression} for an expression`, {
      next: 'choose another name',
    });
  }
  const settings = {
    ...place,
    from,
    auth,
    secrets: secretsOf(secret),
    ...(runner === undefined ? {} : { runner }),
    ...(environment === undefined ? {} : { environment }),
  };
  return Promise.all(
    names.map(async (name) => {
      return { path: workflowPath(name), text: await workflowText(name, settings), about: workflows[name] };
    }),
  );
}
