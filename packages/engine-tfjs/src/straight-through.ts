import { type EngineModel, tf } from '@gauntlet/api';

/** Operations that TensorFlow.js gives a gradient of zero. */
const steps = ['Round', 'Floor', 'Ceil', 'Sign'];

type Model = Pick<EngineModel, 'inputShape' | 'predict' | 'differentiate'>;

/**
 * A model on the tape of TensorFlow.js that differentiates its steps as if each were the identity (BPDA: Athalye, Carlini,
 * Wagner 2018), and the names of those that it has.
 */
export async function throughSteps(
  model: Model,
): Promise<Pick<EngineModel, 'straightThrough' | 'differentiate'>> {
  const differentiate = model.differentiate.bind(model);
  return {
    straightThrough: await stepsOf(model),
    differentiate: (x, objective) => passStraight(() => differentiate(x, objective)),
  };
}

/** Those of one pass; all where the size of an input is open. */
async function stepsOf({ inputShape, predict }: Model): Promise<string[]> {
  if (inputShape.some((size) => size <= 0)) return steps;
  const x = tf.zeros([1, ...inputShape]);
  const { kernelNames } = await tf.profile(async () => tf.dispose(await predict(x)));
  x.dispose();
  return steps.filter((step) => kernelNames.includes(step));
}

/**
 * Gradients are registered for the whole process, so those that were there before come back at the end.
 * @param run Has taped all when it returns, or waits for the first time.
 */
function passStraight<T>(run: () => T): T {
  const before = steps.map((kernelName) => tf.getGradient(kernelName));
  for (const kernelName of steps)
    tf.registerGradient({ kernelName, gradFunc: (dy) => ({ x: () => tf.clone(dy as tf.Tensor) }) });
  try {
    return run();
  } finally {
    before.forEach((gradient) => tf.registerGradient(gradient));
  }
}
