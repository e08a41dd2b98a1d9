import { serializeModel, type Graph } from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';
import { GauntletError, reasonOf } from '../../errors/gauntlet-error.js';
import type { OnnxProvider } from '../engine-names.js';

// Its own log adds nothing to the exceptions it throws.
ort.env.logLevel = 'fatal';

/** Where sessions run, and how. */
export interface SessionPlace {
  provider: OnnxProvider;
  /** Which of several devices of a kind. */
  deviceId: number;
}

/** Time for optimising grows with the square of the nodes: ten seconds at twelve thousand. */
const mostOptimised = 6000;

/** Opens a graph; what ONNX Runtime says goes into the error and not to stderr. */
export async function openSession(
  graph: Graph,
  { provider, deviceId }: SessionPlace,
  what: string,
): Promise<ort.InferenceSession> {
  const accelerated: ort.InferenceSession.ExecutionProviderConfig =
    provider === 'cuda' || provider === 'dml' ? { name: provider, deviceId } : { name: provider };
  try {
    return await ort.InferenceSession.create(serializeModel(graph), {
      executionProviders: provider === 'cpu' ? ['cpu'] : [accelerated, 'cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: graph.nodes.length > mostOptimised ? 'disabled' : 'all',
      // Errors come as exceptions; nothing else is worth a line on stderr.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw new GauntletError('model-unsupported', `ONNX Runtime cannot run ${what}: ${shortReason(error)}`, {
      cause: error,
    });
  }
}

/** ONNX Runtime's messages name the C++ source they come from. */
export const shortReason = (error: unknown): string =>
  reasonOf(error)
    .replace(/^.*onnxruntime_src\S*\s+/, '')
    .replace(/\s+/g, ' ')
    .trim();

export const floats = (values: Float32Array, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', values, [...dims]);
