import { chooseEngine } from './choose-engine.js';
import { checkEngineName, type OnnxProvider, type TfjsDevice } from './engine-names.js';
import type { Engine } from './engine.js';

/**
 * Starts an engine; the machinery behind it is loaded only now. `auto` takes the fastest that this machine has.
 * @throws GauntletError `engine-unknown`, or `engine-start` with cause and remedy.
 */
export async function openEngine(name: string): Promise<Engine> {
  const checked = checkEngineName(name);
  const [family, device] = (checked === 'auto' ? await chooseEngine() : checked).split(':');
  if (family === 'onnx') {
    const { startOnnx } = await import('./onnx/start.js');
    return startOnnx(device as OnnxProvider);
  }
  const { startTfjs } = await import('./tfjs/start.js');
  return startTfjs(device as TfjsDevice);
}
