import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { type Graph, serializeModel, writeModel } from '@gauntlet/onnx-gradient';
import type { OnnxProvider } from './provider-names.js';
import * as ort from 'onnxruntime-node';

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
export const openSession = (graph: Graph, place: SessionPlace, what: string): Promise<ort.InferenceSession> =>
  refusing(what, () => create(graph, optionsOf(place, graph.nodes.length <= mostOptimised)));

/** Opens a small graph that comes as an ONNX ModelProto. */
export const openModel = (
  model: Uint8Array,
  place: SessionPlace,
  what: string,
): Promise<ort.InferenceSession> =>
  refusing(what, () => ort.InferenceSession.create(model, optionsOf(place, true)));

function optionsOf(
  { provider, deviceId }: SessionPlace,
  optimise: boolean,
): ort.InferenceSession.SessionOptions {
  const accelerated: ort.InferenceSession.ExecutionProviderConfig =
    provider === 'cuda' || provider === 'dml' ? { name: provider, deviceId } : { name: provider };
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [accelerated, 'cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    // Errors come as exceptions; nothing else is worth a line on stderr.
    logSeverityLevel: 4,
  };
}

async function refusing<T>(what: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new GauntletError('model-unsupported', `ONNX Runtime cannot run ${what}: ${shortReason(error)}`, {
      cause: error,
    });
  }
}

/** From memory; a model too large for one message goes by way of a file, with its weights beside it. */
async function create(graph: Graph, options: ort.InferenceSession.SessionOptions) {
  if (bytesOf(graph) < 1.9e9) return ort.InferenceSession.create(serializeModel(graph), options);
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-model-'));
  try {
    const file = path.join(folder, 'model.onnx');
    writeModel(graph, file);
    return await ort.InferenceSession.create(file, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Eight bytes an element at most. */
const bytesOf = ({ constants }: Graph): number =>
  [...constants.values()].reduce(
    (sum, { dims, type }) => sum + dims.reduce((a, b) => a * b, 1) * (/64/.test(type) ? 8 : 4),
    0,
  );

/** ONNX Runtime's messages name the C++ source they come from. */
export const shortReason = (error: unknown): string =>
  reasonOf(error)
    .replace(/^.*onnxruntime_src\S*\s+/, '')
    .replace(/\s+/g, ' ')
    .trim();

export const floats = (values: Float32Array, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', values, [...dims]);

/** One array of `length` from several, cut or filled up with zeros. */
export function joined(parts: readonly Float32Array[], length: number): Float32Array {
  if (parts.length === 1 && parts[0].length === length) return parts[0];
  const all = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part.subarray(0, length - at), at);
    at += part.length;
  }
  return all;
}
