import { GauntletError } from '@gauntlet/api';
import { Builder, type Graph } from '@gauntlet/onnx-gradient';
import type { OnnxProvider } from './provider-names.js';
import { floats, openSession, type SessionPlace, shortReason } from './session.js';
import * as ort from 'onnxruntime-node';

const remedies: Record<OnnxProvider, string> = {
  cpu: 'Install onnxruntime-node again.',
  webgpu: 'It needs a GPU with its driver (Vulkan on Linux, Metal on macOS, Direct3D 12 on Windows).',
  cuda: 'It needs Linux x64, an NVIDIA card with CUDA 12 and cuDNN 9, and the libraries that the install script of onnxruntime-node fetches: "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node".',
  coreml: 'It needs macOS.',
  dml: 'It needs Windows with a DirectX 12 GPU.',
};

/** y = relu(2x): the least that a provider has to be able to do. */
function smallest(): Graph {
  const g = new Builder(['x']);
  g.node('Relu', [g.mul('x', g.scalar(2, 'float32'))], ['y']);
  const value = (name: string) => ({ name, type: 'float32' as const, dims: ['n'] });
  const none = new Map();
  return {
    opset: 18,
    domains: none,
    inputs: [value('x')],
    outputs: [value('y')],
    nodes: g.nodes,
    constants: g.constants,
    stated: none,
  };
}

const tried = new Map<OnnxProvider, Promise<void>>();

/** Runs a small graph on a provider, once; an error says why that cannot be and what to do. */
export function tryProvider(place: SessionPlace): Promise<void> {
  const { provider } = place;
  if (!tried.has(provider)) tried.set(provider, provider === 'cpu' ? Promise.resolve() : runSmallest(place));
  return tried.get(provider)!;
}

/** Has ONNX Runtime load its library, which takes as long as opening a small model. */
export const warmUp = (): Promise<void> => runSmallest({ provider: 'cpu', deviceId: 0 });

async function runSmallest(place: SessionPlace): Promise<void> {
  const refuse = (why: string): never => {
    throw new GauntletError(
      'engine-start',
      `The engine onnx:${place.provider} cannot start: ${why} ${remedies[place.provider]} Or use --engine onnx:cpu.`,
    );
  };
  if (!ort.listSupportedBackends().some(({ name }) => name === place.provider)) {
    refuse(`this build of ONNX Runtime for ${process.platform} ${process.arch} does not have it.`);
  }
  try {
    const session = await openSession(smallest(), place, 'a test graph');
    const { y } = await session.run({ x: floats(Float32Array.of(-1, 3), [2]) });
    const [a, b] = y.data as Float32Array;
    await session.release();
    if (a !== 0 || b !== 6) refuse(`it computes relu(2 · 3) = ${b}.`);
  } catch (error) {
    if (error instanceof GauntletError && error.code === 'engine-start') throw error;
    refuse(
      `${shortReason(error).replace(/^ONNX Runtime cannot run a test graph: /, '')}.`.replace(/\.\.$/, '.'),
    );
  }
}
