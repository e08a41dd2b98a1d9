import type { Card, Engine } from '@gauntlet/api';
import type { TfjsDevice } from './device-names.js';

export { type TfjsDevice, tfjsDevices } from './device-names.js';

/**
 * Starts TensorFlow.js on a device; the machinery behind it is loaded only now.
 * @throws GauntletError `engine-start` with cause and remedy.
 */
export async function startTfjs(device: TfjsDevice, card: Card): Promise<Engine> {
  return (await import('./start.js')).startTfjs(device, card);
}
