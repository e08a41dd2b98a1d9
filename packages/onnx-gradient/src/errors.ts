/**
 * What can be wrong with a model. `model-format`: not a readable ONNX model; `model-path`: external data outside
 * the model's folder; `operator-unsupported`: no gradient rule; `shape-unknown`: a rule needs a size that cannot
 * be inferred; `no-gradient`: nothing differentiable leads from the inputs to the outputs.
 */
export type OnnxErrorCode =
  'model-format' | 'model-path' | 'operator-unsupported' | 'shape-unknown' | 'no-gradient';

export class OnnxGradientError extends Error {
  override readonly name = 'OnnxGradientError';
  constructor(
    readonly code: OnnxErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
