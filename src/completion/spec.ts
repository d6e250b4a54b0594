import type { Command, Option } from 'commander';

/** What a shell has to know of one command. */
export interface CommandSpec {
  /** Names from the program on: none for the program itself, `['copies', 'status']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionSpec[];
  /** Values of its argument; none: it has none. */
  readonly values: readonly string[];
}

export interface OptionSpec {
  /** `--config`, and `-V` where there is a short one. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly value: 'none' | 'file' | 'folder' | 'text' | readonly string[];
}

/** The commands of a program with those below them, as they are defined. */
export function specsOf(command: Command, path: readonly string[] = []): readonly CommandSpec[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const spec: CommandSpec = {
    path,
    summary: command.summary(),
    commands: commands.map((it) => ({ name: it.name(), summary: it.summary() || it.description() })),
    options: help.visibleOptions(command).map(optionSpec),
    values: command.registeredArguments.flatMap((it) => it.argChoices ?? []),
  };
  const below = commands.filter((it) => it.name() !== 'help');
  return [spec, ...below.flatMap((it) => specsOf(it, [...path, it.name()]))];
}

function optionSpec(option: Option): OptionSpec {
  const names = [option.long, option.short].filter((it) => it !== undefined && it !== null);
  return { names, summary: option.description, value: valueKind(option) };
}

function valueKind({ required, optional, argChoices, flags }: Option): OptionSpec['value'] {
  if (!required && !optional) return 'none';
  if (argChoices !== undefined) return argChoices;
  const place = /<([^>.]+)/.exec(flags)?.[1];
  return place === 'file' || place === 'folder' ? place : 'text';
}
