import './gradients.js';
import {
  type Card,
  type Engine,
  type EngineModel,
  GauntletError,
  type ModelSource,
  reasonOf,
  tf,
} from '@gauntlet/api';
import type { TfjsDevice } from './device-names.js';
import type { TfjsBackend } from './devices/backend.js';
import { refuseForeign } from './foreign/refuse-foreign.js';
import { registerGradients } from './kernels/register-gradients.js';
import type { ModelFiles } from './model-json.js';
import { throughSteps } from './straight-through.js';

const devices: Record<TfjsDevice, () => Promise<TfjsBackend>> = {
  'tensorflow-gpu': async () => (await import('./devices/tensorflow.js')).tensorflowGpu,
  tensorflow: async () => (await import('./devices/tensorflow.js')).tensorflow,
  webgpu: async () => (await import('./devices/webgpu.js')).webgpu,
  wasm: async () => (await import('./devices/wasm.js')).wasm,
  cpu: async () => (await import('./devices/cpu.js')).cpu,
};

// No advertisements on stderr, no debug checks.
tf.enableProdMode();
registerGradients();
let current: TfjsDevice | undefined;

/** Starts TensorFlow.js on a device and makes it the current backend. Cheap when called again. */
export async function startTfjs(device: TfjsDevice, card: Card): Promise<Engine> {
  const name = `tfjs:${device}`;
  const chosen = await devices[device]();
  if (current !== device || tf.getBackend() !== chosen.backend) {
    const failure = await chosen
      .start(card)
      .then((started) => (started ? undefined : 'the backend refused to start.'), shortReason);
    if (failure !== undefined) {
      throw new GauntletError('engine-start', `The engine ${name} cannot start: ${failure} ${chosen.remedy}`);
    }
    current = device;
  }
  return {
    name,
    async load(source) {
      await refuseForeign(source.path);
      if (source.path.endsWith('.onnx')) {
        throw new GauntletError(
          'engine-format',
          `${source.path} is an ONNX model, which ${name} cannot run. Use --engine onnx.`,
        );
      }
      const { readModelFiles } = await import('./model-files.js');
      return loadTfjs(await readModelFiles(source.path), source, name);
    },
  };
}

/** TensorFlow.js for an engine that computes elsewhere: on WebAssembly, in plain JavaScript where that cannot start. */
export const startTensors = (card: Card): Promise<Engine> =>
  startTfjs('wasm', card).catch(() => startTfjs('cpu', card));

/** A model whose files are read, on the current backend. */
export async function loadTfjs(files: ModelFiles, source: ModelSource, engine: string): Promise<EngineModel> {
  const named = source.outputName !== undefined && files.format === 'graph-model';
  if (named || source.labels !== undefined || source.inputs)
    throw new GauntletError(
      'model-format',
      `${files.path} is a TensorFlow.js model: labels, values of inputs and, of a GraphModel, outputs by name are for ONNX files. Convert it (tf2onnx), or take them out of the spec.`,
    );
  const load =
    files.format === 'layers-model'
      ? (await import('./layers-model.js')).loadLayersModel
      : (await import('./graph-model.js')).loadGraphModel;
  try {
    const model = await load(files, source);
    const through = source.straightThrough && (await throughSteps(model));
    return Object.assign(model, { engine, notes: [] }, through);
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    throw new GauntletError('model-unsupported', `${files.path} cannot be loaded: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Node's and tfjs-node's own words are long and name paths of no use. */
function shortReason(error: unknown): string {
  const reason = reasonOf(error);
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(reason);
  if (missing) return `the package ${missing[1]} is not installed.`;
  if (/tfjs_binding\.node/.test(reason))
    return 'the native library of @tensorflow/tfjs-node was not downloaded.';
  return `${reason}.`.replace(/\.\.$/, '.');
}
