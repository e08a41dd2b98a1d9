import { existsSync, readdirSync } from 'node:fs';
import { engineNames } from './engine-names.js';
import { examineEngine } from './examine-engine.js';

let chosen: Promise<string> | undefined;

/** What `auto` means on this machine: GPUs first if there is real hardware, then ONNX Runtime, then tfjs. */
export function chooseEngine(): Promise<string> {
  chosen ??= firstThatStarts();
  return chosen;
}

async function firstThatStarts(): Promise<string> {
  for (const name of builtIn(gpuCandidates())) {
    const { error } = await examineEngine(name, 'start');
    if (error === undefined) return name;
  }
  const native = await import('onnxruntime-node').then(
    () => true,
    () => false,
  );
  return builtIn([...(native ? ['onnx:cpu'] : []), 'tfjs:wasm', ...engineNames])[0];
}

const builtIn = (names: readonly string[]) => names.filter((name) => engineNames.includes(name));

export interface Hardware {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  platform: string;
  /** NVIDIA's kernel driver is loaded. */
  nvidia: boolean;
  /** Some GPU has a device file. */
  graphics: boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

function lookAround(): Hardware {
  const nvidia = existsSync('/dev/nvidiactl');
  const graphics =
    nvidia || (existsSync('/dev/dri') && readdirSync('/dev/dri').some((file) => file.startsWith('renderD')));
  return { platform: process.platform, nvidia, graphics, environment: process.env };
}

/** Engines worth trying for the hardware that the system shows. Looking costs nothing; starting them does. */
export function gpuCandidates({ platform, nvidia, graphics, environment } = lookAround()): string[] {
  if (platform === 'darwin') return ['onnx:webgpu'];
  if (platform === 'win32') return ['onnx:webgpu', 'onnx:dml'];
  const webgpu = graphics && !softwareOnly(environment);
  return [...(nvidia ? ['onnx:cuda'] : []), ...(webgpu ? ['onnx:webgpu'] : [])];
}

/** The Vulkan loader was told to use drivers that compute on the processor. */
export function softwareOnly(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const drivers = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES ?? '';
  const files = drivers.split(/[:;]/).filter((file) => file !== '');
  return files.length > 0 && files.every((file) => /swiftshader|lvp|lavapipe|llvmpipe/i.test(file));
}
