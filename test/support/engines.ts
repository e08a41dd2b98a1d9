import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repository } from './cli.js';

/** SwiftShader, a Vulkan driver that computes on the processor: Debian's package `chromium` brings it. */
const swiftShader = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  process.env.GAUNTLET_SWIFTSHADER ?? '',
].find((file) => file !== '' && existsSync(file));

/** The environment in which WebGPU finds an adapter on a machine without a GPU. */
export const engineEnvironment: Record<string, string> =
  swiftShader && !process.env.VK_DRIVER_FILES ? { VK_DRIVER_FILES: swiftShader } : {};

const tried = new Map<string, boolean>();

/** Does an engine start here? Asked in a process of its own. */
export function starts(engine: string): boolean {
  const script = path.join(repository, 'packages/core/dist/engines/try-engine.js');
  let found = tried.get(engine);
  if (found === undefined) {
    const out = execFileSync(process.execPath, [script, engine, 'start'], {
      env: { ...process.env, ...engineEnvironment },
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    found = !(JSON.parse(out.trim().split('\n').pop()!) as { error?: string }).error;
    tried.set(engine, found);
  }
  return found;
}
