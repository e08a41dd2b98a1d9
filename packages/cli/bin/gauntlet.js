#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setFlagsFromString } from 'node:v8';

// Most of what this process runs, it runs once: code is optimised where it takes long, not where it is only loaded. V8 12
// (Node 22) has no such flag.
if (Number.parseInt(process.versions.v8) < 12) setFlagsFromString('--interrupt-budget=1000000');

// A reader that goes away (`gauntlet run | head`, a terminal that is closed) ends the output, not the run and its exit code.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

// Only `main` says how it ended. Whoever else ends the process (a plugin's process.exit, an error that nobody caught, an
// event loop that ran dry) makes no build pass.
let code;
process.on('exit', (given) => {
  process.exitCode = code ?? 3;
  if (code !== undefined) return;
  const cause = given === 0 ? '; a plugin may have called process.exit()' : '';
  writeSync(2, `Gauntlet was ended before it had a verdict (code ${given}${cause}).\n`);
});

// Node's own code for a module that cannot be loaded is 1, which is a failed expectation here.
const load = (module) =>
  module.catch((error) => {
    writeSync(2, `Gauntlet cannot be loaded: ${error.message}\n`);
    process.exit(3);
  });
const argv = process.argv.slice(2);
// A worker takes as long to start as the command line does: both at once.
const { earlyWorker } = await load(import('../dist/early-worker.js'));
const worker = earlyWorker(argv);
const { main } = await load(import('../dist/main.js'));

/** Asked on a terminal only, and in no CI. */
async function ask(question, offered) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [${offered}]: `);
  terminal.close();
  return answer.trim() || offered;
}
const answered = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI;

code = await main(argv, {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  worker,
  ask: answered ? ask : undefined,
  onInterrupt(stop) {
    let asked = false;
    const listener = () => {
      // A second Ctrl-C ends at once, with the shell's code for it.
      if (asked) {
        code = 130;
        process.exit();
      }
      asked = true;
      stop();
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, listener));
    return () => signals.forEach((signal) => process.off(signal, listener));
  },
});
await worker?.close();
