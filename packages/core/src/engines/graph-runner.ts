import type { Graph } from '@gauntlet/onnx-gradient';
import type { InferenceSession } from 'onnxruntime-node';

/** Opens a graph that a plugin has written itself, on the device of the engine that lends the runner. */
export type GraphRunner = (graph: Graph) => Promise<InferenceSession>;
