import type { Graph } from '@gauntlet/onnx-gradient';
import type { InferenceSession } from 'onnxruntime-node';

/** Opens graphs that a plugin has written itself, where the current victim's engine runs. */
export type GraphRunner = (graph: Graph) => Promise<InferenceSession>;

let current: GraphRunner | undefined;

/** The current engine's graph runner; nothing where the engine is not ONNX Runtime. */
export const graphRunner = (): GraphRunner | undefined => current;

/** Called by engines as they start. */
export function setGraphRunner(runner: GraphRunner | undefined): void {
  current = runner;
}
