import type { Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { specsOf } from '../completion/spec.ts';
import { zshScript } from '../completion/zsh.ts';
import { exitCode } from '../model/error.ts';
import type { Io } from '../run/io.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `completion`: prints a script that teaches a shell the commands and options of the program. @returns the exit code */
export function runCompletion(io: Io, program: Command, shell: (typeof shells)[number]): number {
  const write = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
  io.out(write(program.name(), specsOf(program)));
  return exitCode.done;
}
