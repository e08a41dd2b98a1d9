import { Attributes, type Constant, constantFrom } from '@gauntlet/onnx-gradient';

/** Labels [n] or [n, 1] as rows of zeros with a 1 at the class. */
export function oneHotOf(
  labels: string,
  classes: number,
  emit: (op: string, inputs: string[], made: string, attributes?: Attributes) => string,
  constants: Map<string, Constant>,
): string {
  constants.set('victim:labels.row', constantFrom('int64', [1], [-1]));
  constants.set('victim:labels.classes', constantFrom('int64', [1], [classes]));
  constants.set('victim:labels.values', constantFrom('float32', [2], [0, 1]));
  const whole = emit('Cast', [labels], 'victim:labels.whole', Attributes.of({ to: int64 }));
  const flat = emit('Reshape', [whole, 'victim:labels.row'], 'victim:labels.flat');
  const inputs = [flat, 'victim:labels.classes', 'victim:labels.values'];
  return emit('OneHot', inputs, 'victim:labels.scores');
}

/** TensorProto.INT64 */
const int64 = 7;
