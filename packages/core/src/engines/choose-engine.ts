import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EngineName } from './engine-names.js';

let chosen: Promise<EngineName> | undefined;

/** What `auto` means on this machine: GPUs first if there is real hardware, then ONNX Runtime, then tfjs. */
export function chooseEngine(): Promise<EngineName> {
  chosen ??= firstThatStarts();
  return chosen;
}

async function firstThatStarts(): Promise<EngineName> {
  for (const name of gpuCandidates()) if (await startsElsewhere(name)) return name;
  const native = await import('onnxruntime-node').then(
    () => true,
    () => false,
  );
  return native ? 'onnx:cpu' : 'tfjs:wasm';
}

/** Engines worth trying for the hardware that the system shows. Looking costs nothing; starting them does. */
function gpuCandidates(): EngineName[] {
  if (process.platform === 'darwin') return ['onnx:webgpu'];
  if (process.platform === 'win32') return ['onnx:webgpu', 'onnx:dml'];
  const candidates: EngineName[] = [];
  if (existsSync('/dev/nvidiactl')) candidates.push('onnx:cuda');
  if (hasGraphicsDevice() && !softwareOnly()) candidates.push('onnx:webgpu');
  return candidates;
}

function hasGraphicsDevice(): boolean {
  if (existsSync('/dev/nvidiactl')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((file) => file.startsWith('renderD'));
}

/** The Vulkan loader was told to use drivers that compute on the processor. */
export function softwareOnly(environment: NodeJS.ProcessEnv = process.env): boolean {
  const drivers = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES ?? '';
  const files = drivers.split(/[:;]/).filter((file) => file !== '');
  return files.length > 0 && files.every((file) => /swiftshader|lvp|lavapipe|llvmpipe/i.test(file));
}

/** A driver can take the whole process with it, so the first try is made in another one. */
async function startsElsewhere(name: EngineName): Promise<boolean> {
  const script = fileURLToPath(new URL('./try-engine.js', import.meta.url));
  try {
    await promisify(execFile)(process.execPath, [script, name], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
