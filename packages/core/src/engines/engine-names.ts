import { didYouMean, GauntletError } from '@gauntlet/api';
import { type OnnxProvider, onnxProviders } from '@gauntlet/engine-onnx';
import { type TfjsDevice, tfjsDevices } from '@gauntlet/engine-tfjs';

/** What `--engine` and `victim.engine` accept beside `auto`. */
export const engineNames = [
  ...onnxProviders.map((provider) => `onnx:${provider}` as const),
  ...tfjsDevices.map((device) => `tfjs:${device}` as const),
] as const;
export type EngineName = `onnx:${OnnxProvider}` | `tfjs:${TfjsDevice}`;

/** A family's name alone means the device of it that runs everywhere. */
const short: Record<string, EngineName> = { onnx: 'onnx:cpu', tfjs: 'tfjs:wasm' };

/** A name as the user may write it: `auto` stays, families are completed. */
export function checkEngineName(name: string): EngineName | 'auto' {
  const full: string = short[name] ?? name;
  if (full === 'auto' || (engineNames as readonly string[]).includes(full)) return full as EngineName;
  throw new GauntletError(
    'engine-unknown',
    `There is no engine "${name}".${didYouMean(name, engineNames)} Known: auto, ${engineNames.join(', ')}.`,
  );
}
