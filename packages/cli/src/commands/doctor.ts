import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { engineNames, openEngine, reasonOf } from '@gauntlet/core';

export const command = 'doctor';
export const describe = 'Show engines, devices and memory, and what is missing';

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
  say(`· native TensorFlow (@tensorflow/tfjs-node): ${nativeTensorFlow()}`);
}

/** Is the optional package there, and the library that its install script downloads? */
function nativeTensorFlow(): string {
  const later = 'no engine of this version uses it';
  try {
    const require = createRequire(import.meta.resolve('@gauntlet/core'));
    const lib = path.join(path.dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib');
    const files = existsSync(lib) ? readdirSync(lib, { recursive: true, encoding: 'utf8' }) : [];
    if (files.some((file) => file.endsWith('tfjs_binding.node'))) return `installed; ${later}`;
    return `installed without its native library, whose download failed; ${later}. To try again: npm rebuild @tensorflow/tfjs-node`;
  } catch {
    return `not installed; ${later}. To get it: npm install @tensorflow/tfjs-node`;
  }
}
