import {
  type Engine,
  type EngineModel,
  type EnginePlugin,
  GauntletError,
  type LoadedModel,
  reasonOf,
} from '@gauntlet/api';
import { cardOfWorker, visibleCards } from './devices.js';

/**
 * Starts an engine on one of its devices, puts its name to it, and holds it to the contract.
 * @throws GauntletError `engine-start`, or what the engine itself says
 */
export async function startEngine(
  plugin: EnginePlugin,
  device: string,
  params: Record<string, unknown>,
): Promise<Engine> {
  const name = `${plugin.name}:${device}`;
  const card = { index: cardOfWorker(), visible: visibleCards() };
  if (!plugin.setsBackend) await startTensors();
  const started = await attempt('engine-start', `The engine ${name} cannot start`, () =>
    plugin.start({ device, card, params: structuredClone(params) }),
  );
  if (typeof started?.load !== 'function')
    throw new GauntletError(
      'engine-plugin',
      `The engine ${name} did not start: start() has to return an object with "load".`,
    );
  return {
    name,
    async load(source) {
      const model = await attempt('engine-plugin', `The engine ${name} failed in load`, () =>
        started.load(source),
      );
      checkModel(name, model);
      const { engine = name, notes = [], softmaxRemoved = false } = model;
      return Object.assign(model, { engine, notes, softmaxRemoved }) as EngineModel;
    },
  };
}

/** The backend of engines that set none of their own: tensors live on it between their passes. */
export async function startTensors(): Promise<void> {
  const tfjs = await import('@gauntlet/engine-tfjs/runtime');
  await tfjs.startTensors({ index: cardOfWorker(), visible: visibleCards() });
}

async function attempt<T>(code: string, failure: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A heap that has aborted is known by its message: its worker has to end.
    if (error instanceof GauntletError || (error instanceof Error && error.name === 'RuntimeError'))
      throw error;
    throw new GauntletError(code, `${failure}: ${reasonOf(error)}`, { cause: error });
  }
}

function checkModel(engine: string, model: Partial<LoadedModel> | undefined): void {
  const { hash, inputShape, bytesPerSample, convolution } = model ?? {};
  const functions = ['predict', 'differentiate', 'dispose', ...(convolution ? ['features'] : [])] as const;
  const lacking = [
    ...functions.filter((name) => typeof model?.[name as keyof LoadedModel] !== 'function'),
    ...(typeof hash === 'string' && hash !== ''
      ? []
      : ['hash (a text that changes whenever the model does)']),
    ...(Array.isArray(inputShape) && inputShape.every(Number.isInteger) ? [] : ['inputShape (integers)']),
    ...(bytesPerSample !== undefined && bytesPerSample > 0 ? [] : ['bytesPerSample (above 0)']),
  ];
  if (lacking.length === 0) return;
  throw new GauntletError(
    'engine-plugin',
    `The engine ${engine} loaded no model: what load() gives lacks ${lacking.join(', ')}.`,
  );
}
