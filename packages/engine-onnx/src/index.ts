import type { Card, Engine } from '@gauntlet/api';
import type { OnnxProvider } from './provider-names.js';

export { type OnnxProvider, onnxProviders } from './provider-names.js';
export { onnxruntimeVersion } from './version.js';

/**
 * Starts ONNX Runtime on a provider; the machinery behind it is loaded only now.
 * @throws GauntletError `engine-start` with cause and remedy.
 */
export async function startOnnx(provider: OnnxProvider, card: Card): Promise<Engine> {
  return (await import('./start.js')).startOnnx(provider, card);
}
