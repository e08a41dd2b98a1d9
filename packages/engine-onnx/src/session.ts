import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GauntletError, reasonOf, Stream } from '@gauntlet/api';
import {
  type Constant,
  constantFrom,
  type ElementType,
  type Graph,
  serializeModel,
  writeModel,
} from '@gauntlet/onnx-gradient';
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

/** Opens a graph; what ONNX Runtime says goes into the error and not to stderr, followed by `advice` on it. */
export const openSession = (
  graph: Graph,
  place: SessionPlace,
  what: string,
  advice?: (reason: string, graph: Graph) => string,
): Promise<ort.InferenceSession> =>
  refusing(
    what,
    () => createFor(graph, place),
    (reason) => advice?.(reason, graph),
  );

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
    // Batches shrink as samples leave them: a plan of memory for each size would hold the most that it ever took.
    enableMemPattern: false,
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    // Errors come as exceptions; nothing else is worth a line on stderr.
    logSeverityLevel: 4,
  };
}

/** Runs a model once, as it is written, on reproducible numbers in [0, 1). */
export async function runOnce(
  model: Uint8Array,
  input: string,
  type: ElementType,
  dims: readonly number[],
): Promise<Record<string, ort.Tensor>> {
  const options = { ...optionsOf({ provider: 'cpu', deviceId: 0 }, false) };
  const session = await ort.InferenceSession.create(model, options);
  try {
    const stream = new Stream('shape probe');
    const count = dims.reduce((a, b) => a * b, 1);
    const values = constantFrom(
      type,
      dims,
      Float64Array.from({ length: count }, () => stream.uniform(0, 1)),
    );
    return await session.run({ [input]: feed(values) });
  } finally {
    await session.release();
  }
}

/** A constant as a tensor of ONNX Runtime. */
function feed(constant: Constant): ort.Tensor {
  const { type, dims } = constant;
  const { buffer, byteOffset, byteLength } = constant.bytes();
  if (type === 'float64')
    return new ort.Tensor('float64', new Float64Array(buffer, byteOffset, byteLength / 8), [...dims]);
  if (type === 'float16')
    return new ort.Tensor('float16', new Uint16Array(buffer, byteOffset, byteLength / 2), [...dims]);
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (type === 'uint8') return new ort.Tensor('uint8', bytes, [...dims]);
  if (type === 'int32')
    return new ort.Tensor('int32', new Int32Array(buffer, byteOffset, byteLength / 4), [...dims]);
  if (type === 'int64')
    return new ort.Tensor('int64', new BigInt64Array(buffer, byteOffset, byteLength / 8), [...dims]);
  return new ort.Tensor('float32', new Float32Array(buffer, byteOffset, byteLength / 4), [...dims]);
}

/** Errors of ONNX Runtime as ours, with what it is about, its own reason and what to do. */
export async function refusing<T>(
  what: string,
  open: () => Promise<T>,
  advice?: (reason: string) => string | undefined,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const reason = shortReason(error);
    const more = advice?.(reason);
    const message = `ONNX Runtime cannot run ${what}: ${more ? `${reason.replace(/\.?$/, '.')} ${more}` : reason}`;
    throw new GauntletError('model-unsupported', message, { cause: error });
  }
}

/** ONNX Runtime's optimiser fails on a few graphs that run as they are. */
async function createFor(graph: Graph, place: SessionPlace): Promise<ort.InferenceSession> {
  const optimise = graph.nodes.length <= mostOptimised;
  try {
    return await create(graph, optionsOf(place, optimise));
  } catch (error) {
    if (!optimise) throw error;
    return await create(graph, optionsOf(place, false)).catch(() => {
      throw error;
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

/** ONNX Runtime's messages name the C++ source they come from: the operator and the reason are left. */
export function shortReason(error: unknown): string {
  const whole = reasonOf(error);
  const [, operator, name] = /while running (\w+) node\. Name:'([^']*)'/.exec(whole) ?? [];
  const reason = whole
    .replace(/^.*onnxruntime_src\S*\s+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return operator ? `${operator} "${name}": ${reason}` : reason;
}

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
