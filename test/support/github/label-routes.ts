import { created, invalid, noContent, notFound, ok, Refusal } from './answer.ts';
import { isObject, type Json, textOf } from './json.ts';
import { labelJson } from './label-json.ts';
import { page } from './page.ts';
import type { Call, Route, Routes } from './route.ts';
import { ensureLabels, stampOf, type Thread, takeId } from './world.ts';

const read = ['issues=read', 'pull_requests=read'];
const write = ['issues=write', 'pull_requests=write'];

/** Changes the labels of one issue or pull request, and answers with them. */
function onThread(change: (call: Call, thread: Thread) => readonly string[]): Route {
  return {
    needs: write,
    answer: (call) => {
      const thread = threadOf(call);
      thread.labels = [...new Set(change(call, thread))];
      thread.updatedAt = stampOf(call.world);
      return ok(thread.labels.flatMap((key) => labelJson(call.world, key)));
    },
  };
}

export const labelRoutes: Routes = {
  'GET /repos/{owner}/{repo}/labels': {
    needs: read,
    answer: (call) =>
      page(
        call,
        [...call.world.labels.keys()].flatMap((key) => labelJson(call.world, key)),
        (label) => label,
      ),
  },
  'POST /repos/{owner}/{repo}/labels': { needs: write, answer: (call) => created(create(call)) },
  'GET /repos/{owner}/{repo}/labels/{name}': {
    needs: read,
    answer: ({ world, params }) => {
      const [label] = labelJson(world, (params['name'] ?? '').toLowerCase());
      return label === undefined ? notFound() : ok(label);
    },
  },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/labels': {
    needs: read,
    answer: (call) =>
      page(
        call,
        threadOf(call).labels.flatMap((key) => labelJson(call.world, key)),
        (label) => label,
      ),
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': onThread((call, { labels }) => [
    ...labels,
    ...named(call),
  ]),
  'PUT /repos/{owner}/{repo}/issues/{issue_number}/labels': onThread(named),
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels': {
    needs: write,
    answer: (call) => {
      threadOf(call).labels = [];
      return noContent;
    },
  },
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': onThread(({ params }, { labels }) => {
    const key = (params['name'] ?? '').toLowerCase();
    if (!labels.includes(key)) throw new Refusal(notFound('Label does not exist'));
    return labels.filter((label) => label !== key);
  }),
};

/** The issue or pull request that a path names. */
export function threadOf({ world, params }: Call): Thread {
  const thread = world.threads.get(Number(params['issue_number']));
  if (thread === undefined) throw new Refusal(notFound());
  return thread;
}

/** The labels a body names, as texts or as objects. */
function named({ world, body }: Call): readonly string[] {
  const list = isObject(body) ? body['labels'] : undefined;
  const names = (Array.isArray(list) ? list : []).map((item: Json) =>
    typeof item === 'string' ? item : (textOf(item, 'name') ?? ''),
  );
  const tooLong = names.find((name) => name.length > longestName);
  if (tooLong !== undefined) throw wrongName();
  return ensureLabels(world, names);
}

function create({ world, body }: Call): Json {
  const name = textOf(body, 'name') ?? '';
  const key = name.toLowerCase();
  if (world.labels.has(key)) {
    throw new Refusal(invalid({ resource: 'Label', code: 'already_exists', field: 'name' }));
  }
  if (name.length > longestName) throw wrongName();
  const color = textOf(body, 'color') ?? 'ededed';
  if (!/^[0-9a-f]{6}$/i.test(color)) throw new Refusal(invalid({ resource: 'Label', code: 'invalid', field: 'color' }));
  const description = textOf(body, 'description') ?? null;
  if ((description?.length ?? 0) > longestDescription) {
    const message = `description is too long (maximum is ${longestDescription} characters)`;
    throw new Refusal(invalid({ resource: 'Label', code: 'custom', field: 'description', message }));
  }
  world.labels.set(key, { id: takeId(world), name, color, description });
  return labelJson(world, key)[0] ?? null;
}

const longestName = 50;
const longestDescription = 100;

function wrongName(): Refusal {
  const message = `name is too long (maximum is ${longestName} characters)`;
  return new Refusal(invalid({ resource: 'Label', code: 'custom', field: 'name', message }));
}
