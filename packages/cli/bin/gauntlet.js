#!/usr/bin/env node
import { main } from '../dist/main.js';

// A reader that goes away (`gauntlet run | head`) ends the output, not the run and its exit code.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  onInterrupt(stop) {
    let asked = false;
    const listener = () => {
      // A second Ctrl-C ends at once, with the shell's code for it.
      if (asked) process.exit(130);
      asked = true;
      stop();
    };
    const signals = ['SIGINT', 'SIGTERM'];
    signals.forEach((signal) => process.on(signal, listener));
    return () => signals.forEach((signal) => process.off(signal, listener));
  },
});
