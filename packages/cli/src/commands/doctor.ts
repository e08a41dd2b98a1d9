import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { engineNames, openEngine, reasonOf } from '@gauntlet/core';

export const command = 'doctor';
export const describe = 'Show engines, devices and memory, and what is missing';

/** Packages that later engines can use; none of them is needed. */
const optional = [
  { name: '@tensorflow/tfjs-node', what: 'native TensorFlow on the CPU' },
  { name: '@tensorflow/tfjs-node-gpu', what: 'native TensorFlow on NVIDIA GPUs' },
];

export async function handler(): Promise<void> {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`Node ${process.version} on ${process.platform} ${process.arch}`);
  say(
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), so ${availableParallelism()} workers by default; engines use one thread in each`,
  );
  say(`${gib(totalmem())} memory, ${gib(freemem())} free`);
  say('');
  for (const name of engineNames) {
    const started = performance.now();
    try {
      await openEngine(name);
      say(
        `✓ ${name}: starts in ${(performance.now() - started).toFixed(0)} ms${name === engineNames[0] ? '; this is what "auto" takes' : ''}`,
      );
    } catch (error) {
      say(`✗ ${name}: ${reasonOf(error)}`);
    }
  }
  for (const { name, what } of optional) {
    const found = isInstalled(name);
    say(
      `${found ? '·' : '–'} ${name} (${what}): ${found ? 'installed, but this version of Gauntlet has no engine for it' : 'not installed; not needed'}`,
    );
  }
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
