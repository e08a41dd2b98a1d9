import { tf } from '@gauntlet/api';

/** What native TensorFlow's backend has beside a backend's own methods: every operation of TensorFlow by name. */
interface Native extends tf.KernelBackend {
  isUsingGpuDevice: boolean;
  binding: Record<'TF_ATTR_TYPE' | 'TF_ATTR_SHAPE' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_FLOAT', number>;
  executeSingleOutput: (operation: string, attributes: object[], inputs: tf.Tensor[]) => tf.Tensor;
  executeMultipleOutputs: (
    operation: string,
    attributes: object[],
    inputs: tf.Tensor[],
    outputs: number,
  ) => tf.Tensor[];
}

/** What TensorFlow.js keeps of Adam's state. */
interface State {
  accBeta1: tf.Variable;
  accBeta2: tf.Variable;
  accumulatedFirstMoment: { originalName: string; variable: tf.Variable }[];
  accumulatedSecondMoment: { originalName: string; variable: tf.Variable }[];
}

/**
 * Adam (Kingma and Ba 2015) on native TensorFlow, by its own operation: it passes over the memory once, where TensorFlow.js
 * calls 14 operations with a new tensor each.
 */
class NativeAdam extends tf.AdamOptimizer {
  override applyGradients(gradients: Parameters<tf.AdamOptimizer['applyGradients']>[0]): void {
    const list = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const native = tf.backend() as Native;
    const state = this as unknown as State;
    tf.tidy(() => {
      const operation = new ApplyAdam(native);
      const rates = this.#rates(state);
      list.forEach(({ name, tensor }, i) => {
        const value = tf.engine().registeredVariables[name];
        const first = (state.accumulatedFirstMoment[i] ??= momentOf(value, `${name}/m`)).variable;
        const second = (state.accumulatedSecondMoment[i] ??= momentOf(value, `${name}/v`)).variable;
        operation.run([value, first, second], rates, tensor);
      });
      state.accBeta1.assign(tf.mul(state.accBeta1, this.beta1));
      state.accBeta2.assign(tf.mul(state.accBeta2, this.beta2));
    });
    this.incrementIterations();
  }

  /** In the operation's order. Its epsilon is added before the correction of the second moment's bias, ours after it. */
  #rates({ accBeta1, accBeta2 }: State): tf.Tensor[] {
    const epsilon = tf.mul(tf.sqrt(tf.sub(1, accBeta2)), this.epsilon!);
    return [
      accBeta1,
      accBeta2,
      tf.scalar(this.learningRate),
      tf.scalar(this.beta1),
      tf.scalar(this.beta2),
      epsilon,
    ];
  }
}

const momentOf = (value: tf.Tensor, originalName: string) => ({
  originalName,
  variable: tf.variable(tf.zerosLike(value), false),
});

/** The operation works on variables of TensorFlow, which TensorFlow.js has none of: three take the tensors of one after another. */
class ApplyAdam {
  readonly #native: Native;
  readonly #handles: tf.Tensor[];

  constructor(native: Native) {
    this.#native = native;
    this.#handles = ['value', 'first-moment', 'second-moment'].map((name) => this.#handleOf(name));
  }

  run(variables: tf.Variable[], rates: tf.Tensor[], gradient: tf.Tensor): void {
    const type = [this.#type('dtype')];
    variables.forEach((variable, k) => this.#do('AssignVariableOp', type, [this.#handles[k], variable]));
    const flags = ['use_locking', 'use_nesterov'].map((name) => ({
      name,
      type: this.#native.binding.TF_ATTR_BOOL,
      value: false,
    }));
    this.#do('ResourceApplyAdam', [this.#type('T'), ...flags], [...this.#handles, ...rates, gradient]);
    variables.forEach((variable, k) =>
      variable.assign(this.#native.executeSingleOutput('ReadVariableOp', type, [this.#handles[k]])),
    );
  }

  #do(operation: string, attributes: object[], inputs: tf.Tensor[]): void {
    this.#native.executeMultipleOutputs(operation, attributes, inputs, 0);
  }

  #type = (name: string) => ({
    name,
    type: this.#native.binding.TF_ATTR_TYPE,
    value: this.#native.binding.TF_FLOAT,
  });

  /** A handle of the same name is of the same variable, so nothing piles up. The shape of a variable is that of its tensor. */
  #handleOf(name: string): tf.Tensor {
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = this.#native.binding;
    return this.#native.executeSingleOutput(
      'VarHandleOp',
      [
        this.#type('dtype'),
        { name: 'shape', type: TF_ATTR_SHAPE, value: [] },
        { name: 'container', type: TF_ATTR_STRING, value: '' },
        { name: 'shared_name', type: TF_ATTR_STRING, value: `gauntlet-adam-${name}` },
      ],
      [],
    );
  }
}

/** Adam with TensorFlow.js's defaults, the fastest one for the current backend; nobody has tried TensorFlow's own on a GPU. */
export function adam(learningRate?: number): tf.Optimizer {
  const { executeMultipleOutputs, isUsingGpuDevice } = tf.backend() as Partial<Native>;
  return executeMultipleOutputs && !isUsingGpuDevice
    ? new NativeAdam(learningRate ?? 1e-3, 0.9, 0.999)
    : tf.train.adam(learningRate);
}
