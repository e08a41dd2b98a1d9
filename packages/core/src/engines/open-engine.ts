import type { Engine } from '@gauntlet/api';
import { type OnnxProvider, startOnnx } from '@gauntlet/engine-onnx';
import { startTfjs, type TfjsDevice } from '@gauntlet/engine-tfjs';
import { chooseEngine } from './choose-engine.js';
import { cardOfWorker, visibleCards } from './devices.js';
import { checkEngineName } from './engine-names.js';

/**
 * Starts an engine; the machinery behind it is loaded only now. `auto` takes the fastest that this machine has.
 * @throws GauntletError `engine-unknown`, or `engine-start` with cause and remedy.
 */
export async function openEngine(name: string): Promise<Engine> {
  const checked = checkEngineName(name);
  const [family, device] = (checked === 'auto' ? await chooseEngine() : checked).split(':');
  const card = { index: cardOfWorker(), visible: visibleCards() };
  if (family === 'onnx') return startOnnx(device as OnnxProvider, card);
  return startTfjs(device as TfjsDevice, card);
}
