import { startTensors } from './start-engine.js';

/** Loads what most victims run on; what this system cannot run says so where it is asked for. */
export async function loadEngines(): Promise<void> {
  const onnx = import('@gauntlet/engine-onnx/runtime').then(({ warmUp }) => warmUp());
  await Promise.allSettled([onnx, startTensors()]);
}
