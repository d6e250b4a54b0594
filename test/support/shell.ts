import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A shell that takes one command after another, as a person types them. */
export interface Shell extends AsyncDisposable {
  /** Runs a command, and gives its exit code and all that it printed. */
  type(command: string): Promise<{ readonly code: number; readonly text: string }>;
}

export function openShell(cwd: string, env: NodeJS.ProcessEnv): Shell {
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: 'pipe' });
  const lines = createInterface(shell.stdout)[Symbol.asyncIterator]();
  return {
    async type(command) {
      // The empty line ends one that the command has left open.
      shell.stdin.write(`{ ${command}\n} 2>&1 </dev/null; code=$?; echo; echo "ended with $code"\n`);
      let text = '';
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`the shell has ended at ${command}`);
        const ended = /^ended with (\d+)$/.exec(value);
        if (ended !== null) return { code: Number(ended[1]), text };
        text += `${value}\n`;
      }
    },
    async [Symbol.asyncDispose]() {
      const end = once(shell, 'exit');
      shell.stdin.end();
      await end;
    },
  };
}
