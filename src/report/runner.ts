/**
 * A text in which no CI runner finds a command. GitHub's takes `::name::` at the start of a line and `##[name]` anywhere in
 * one for a command (mask a word, stop commands, set a variable), Azure's `##vso[name]`: names from outside must not give
 * orders to the job that prints them. Within JSON it reads back as the same value.
 *
 * The runner's parser: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function withoutCommands(text: string): string {
  return text.replace(/:(?=:)/g, '\\u003a').replace(/#(?=#[A-Za-z]*\[)/g, '\\u0023');
}
