import { didYouMean, GauntletError, type ModelSource } from '@gauntlet/api';
import type { Graph, Value } from '@gauntlet/onnx-gradient';

/** What of a file is attacked, and what of it is looked at. */
export interface Picked {
  input: Value;
  output: Value;
}

/**
 * The one input that the spec gives no constant for, and the output that the spec names, or else the only one of real numbers: a
 * classifier of scikit-learn gives labels beside its probabilities.
 * @throws GauntletError `model-shape`
 */
export function pickValues({ inputs, outputs }: Graph, source: ModelSource): Picked {
  const { path: file, inputs: constants = {} } = source;
  const unknown = Object.keys(constants).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    const known = inputs.map(({ name }) => name);
    throw wrong(
      `${file} has no input "${unknown}".${didYouMean(unknown, known)} It has ${known.join(', ')}.`,
    );
  }
  const open = inputs.filter(({ name }) => !Object.hasOwn(constants, name));
  if (open.length !== 1)
    throw wrong(
      `${file} has the inputs ${inputs.map(described).join(', ')}: one of them is attacked, and each of the others needs a value, such as inputs: { ${inputs.at(-1)?.name ?? 'name'}: 0 }.`,
    );
  const [input] = open;
  if (input.type === 'bool')
    throw wrong(`"${input.name}" of ${file} is of type bool; a victim takes numbers.`);
  return { input, output: pickOutput(outputs, source) };
}

function pickOutput(
  outputs: readonly Value[],
  { path: file, output, outputName, labels }: ModelSource,
): Value {
  const all = `${file} has the outputs ${outputs.map(described).join(', ')}`;
  if (outputName !== undefined) {
    const named = outputs.find(({ name }) => name === outputName);
    if (!named) {
      const known = outputs.map(({ name }) => name);
      throw wrong(
        `${file} has no output "${outputName}".${didYouMean(outputName, known)} It has ${known.join(', ')}.`,
      );
    }
    return checkType(named, file, labels);
  }
  const fitting = outputs.filter(({ type }) => isReal(type) === (labels === undefined));
  const found = fitting.length === 1 ? fitting[0] : fitting.find(({ name }) => name === output);
  if (found) return found;
  if (fitting.length > 0) throw wrong(`${all}. Write which of them is meant: output: ${fitting[0].name}.`);
  if (outputs.length === 1) return checkType(outputs[0], file, labels);
  throw wrong(`${all}, and none of ${labels === undefined ? 'real numbers' : 'whole numbers'}.`);
}

const isReal = (type: string) => /^b?float/.test(type);

function checkType(value: Value, file: string, labels: number | undefined): Value {
  const { name, type } = value;
  if (labels === undefined && !isReal(type))
    throw wrong(
      `"${name}" of ${file} is of type ${type}; a victim gives real numbers. If these are labels, write output: { is: labels, classes: N } and attack it with hop-skip-jump.`,
    );
  if (labels !== undefined && isReal(type))
    throw wrong(`"${name}" of ${file} is of type ${type}, and labels are whole numbers. Write output: auto.`);
  return value;
}

const described = ({ name, type, dims }: Value) => `"${name}" (${type} [${dims?.join(', ') ?? '?'}])`;
const wrong = (message: string) => new GauntletError('model-shape', message);
