import { userJson } from './actor-json.ts';
import { created, invalid, notFound, ok, Refusal } from './answer.ts';
import { type JsonObject, textOf } from './json.ts';
import { threadOf } from './label-routes.ts';
import { page } from './page.ts';
import { pageUrl, repositoryUrl } from './repository-json.ts';
import { checkText, loginOf } from './request.ts';
import type { Call, Routes } from './route.ts';
import { type Comment, stampOf, takeId, type World } from './world.ts';

const read = ['issues=read', 'pull_requests=read'];
const write = ['issues=write', 'pull_requests=write'];

export const commentRoutes: Routes = {
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: read,
    answer: (call) => {
      const { number } = threadOf(call);
      const here = [...call.world.comments.values()].filter((comment) => comment.number === number);
      return page(call, here, (comment) => commentJson(call.world, comment));
    },
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: write,
    answer: (call) => {
      const { world } = call;
      const thread = threadOf(call);
      const now = stampOf(world);
      const { number } = thread;
      const comment: Comment = {
        id: takeId(world),
        number,
        author: loginOf(call),
        createdAt: now,
        body: textIn(call),
        updatedAt: now,
      };
      world.comments.set(comment.id, comment);
      thread.updatedAt = now;
      return created(commentJson(world, comment));
    },
  },
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: read,
    answer: (call) => ok(commentJson(call.world, asked(call))),
  },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: write,
    answer: (call) => {
      const comment = asked(call);
      comment.body = textIn(call);
      comment.updatedAt = stampOf(call.world);
      return ok(commentJson(call.world, comment));
    },
  },
};

function asked({ world, params }: Call): Comment {
  const comment = world.comments.get(Number(params['comment_id']));
  if (comment === undefined) throw new Refusal(notFound());
  return comment;
}

function textIn({ body }: Call): string {
  const text = textOf(body, 'body') ?? '';
  checkText('IssueComment', { body: text });
  if (text.trim() === '')
    throw new Refusal(invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' }));
  return text;
}

function commentJson(world: World, { id, number, author, createdAt, updatedAt, body }: Comment): JsonObject {
  const thread = world.threads.get(number)?.kind === 'pull' ? 'pull' : 'issues';
  return {
    id,
    node_id: `IC_${id}`,
    url: `${repositoryUrl(world)}/issues/comments/${id}`,
    html_url: `${pageUrl(world)}/${thread}/${number}#issuecomment-${id}`,
    issue_url: `${repositoryUrl(world)}/issues/${number}`,
    user: userJson(world, author),
    created_at: createdAt,
    updated_at: updatedAt,
    author_association: 'COLLABORATOR',
    performed_via_github_app: null,
    body,
  };
}
