import type { Graph } from '@gauntlet/onnx-gradient';

/** What to do about a model that ONNX Runtime refuses, by what it says. */
export function adviceOn(reason: string, { inputs, constants }: Graph): string {
  const [, operator] = /Could not find an implementation for (\w+)\(/.exec(reason) ?? [];
  const double = [...inputs, ...constants.values()].some(({ type }) => type === 'float64');
  if (operator && double)
    return `It has no ${operator} of float64: export the model in float32, in PyTorch by model.float() before the export.`;
  return 'If onnxruntime opens the file in Python, "gradients: estimated" in the spec attacks it by forward passes alone; if it does not, export it again: PyTorch has two exporters (dynamo=True and dynamo=False).';
}

/** What to do about a graph that opens and then does not run. */
export const adviceOnRunning = (reason: string): string | undefined =>
  /memory|alloc/i.test(reason)
    ? undefined
    : 'Run it on five images at once with onnxruntime in Python. Where that fails as well, export it again; where it does not, the fault is here: please report it.';
