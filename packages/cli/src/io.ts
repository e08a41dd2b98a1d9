import type { WorkerSlot } from '@gauntlet/core/start-worker';
import { hasColour } from '@gauntlet/reporters';

/** A stream that a command writes text to; what only terminals have may be missing. */
export type Output = NodeJS.WritableStream & {
  isTTY?: boolean;
  columns?: number;
  hasColors?(): boolean;
};

/** All that a command line has to do with its process. `bin/gauntlet.js` hands over the real one, tests one of their own. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** What relative paths are relative to; absolute itself. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Modules whose plugins go by short names; those that come with the command line by default. */
  modules?: readonly string[];
  /** The first worker of a run, if it was started before all this was loaded. */
  worker?: WorkerSlot;
  /** Puts a question to the user, who may take the answer that is offered; absent where nobody is there to answer. */
  ask?: (question: string, offered: string) => Promise<string>;
  /**
   * Calls `stop` when the user asks to end (Ctrl-C), until the function that it returns is called. Who asks a second
   * time ends the process at once; that is not for commands to see.
   */
  onInterrupt(stop: () => void): () => void;
}

/** How progress is shown: drawn again in place on a terminal, in lines where a log is kept. */
export const terminalOf = ({ stdout, env }: Io) => ({
  stream: stdout,
  live: stdout.isTTY === true && !env.CI,
  colour: hasColour({ stdout, env }),
});
