import { pullRequestPicture } from './pull-request.ts';
import { playScene } from './scene.ts';
import { themes } from './svg.ts';
import { terminalPicture } from './terminal.ts';

/** The pictures of README.md by path, each for a light and a dark page. */
export async function generatedPictures(): Promise<ReadonlyMap<string, string>> {
  const { terminal, title, body } = await playScene();
  const pictures = Object.entries(themes).flatMap(([name, theme]) => [
    [`docs/pictures/terminal-${name}.svg`, terminalPicture('athenz-gitops plan', lasting(terminal), theme)] as const,
    [
      `docs/pictures/pull-request-${name}.svg`,
      pullRequestPicture({ title, number: 2, body: lasting(body) }, theme),
    ] as const,
  ]);
  return new Map(pictures);
}

/** Without the line that says when the run was, and of which commit. */
function lasting(text: string): string {
  return text.replace(/\n(\u001b\[2m)?\n(read \d+ domains|Polled) .*/, '');
}
