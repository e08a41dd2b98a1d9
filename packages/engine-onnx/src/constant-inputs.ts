import { GauntletError, type InputConstant } from '@gauntlet/api';
import { Attributes, constantFrom, type Graph, type Node, type Value } from '@gauntlet/onnx-gradient';

/**
 * The graph with some of its inputs replaced by values of the spec. A number fills the whole input, a size that is open counting as
 * 1; lists have their own shape. Where the first size is open, the value is repeated for every row of `attacked`.
 * @throws GauntletError `model-shape` for lists that are no array, or of another shape
 */
export function withConstants(
  graph: Graph,
  attacked: Value,
  values: Readonly<Record<string, InputConstant>>,
  file: string,
): Graph {
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  const emit = (op: string, inputs: string[], made: string, attributes = Attributes.of({})) => {
    nodes.push({ op, name: made, domain: '', inputs, outputs: [made], attributes });
    return made;
  };
  const integers = (name: string, numbers: number[]) => {
    constants.set(name, constantFrom('int64', [numbers.length], numbers));
    return name;
  };
  for (const value of graph.inputs) {
    if (!Object.hasOwn(values, value.name)) continue;
    const { shape, numbers } = arrayOf(values[value.name], value, file);
    const repeated = typeof value.dims?.[0] === 'string' && shape[0] === 1;
    const name = repeated ? `constant:${value.name}` : value.name;
    constants.set(name, constantFrom(value.type, shape, numbers));
    if (!repeated) continue;
    const rows = emit(
      'Gather',
      [emit('Shape', [attacked.name], `${name}.shape`), integers(`${name}.first`, [0])],
      `${name}.rows`,
      Attributes.of({ axis: 0 }),
    );
    const to = emit(
      'Concat',
      [rows, integers(`${name}.rest`, shape.slice(1))],
      `${name}.to`,
      Attributes.of({ axis: 0 }),
    );
    emit('Expand', [name, to], value.name);
  }
  return {
    ...graph,
    constants,
    inputs: [attacked],
    nodes: [...nodes, ...graph.nodes],
  };
}

function arrayOf(given: InputConstant, { name, dims = [] }: Value, file: string) {
  const sizes = dims.map((size) => (typeof size === 'number' ? size : 1));
  if (typeof given === 'number') {
    const count = sizes.reduce((a, b) => a * b, 1);
    return { shape: sizes, numbers: new Float64Array(count).fill(given) };
  }
  const wrong = (found: string) =>
    new GauntletError(
      'model-shape',
      `The value of the input "${name}" of ${file}: expected numbers of [${dims.join(', ')}], found ${found}.`,
    );
  const shape: number[] = [];
  for (let at: unknown = given; Array.isArray(at); at = at[0]) shape.push(at.length);
  const flat = (each: InputConstant): unknown[] => (Array.isArray(each) ? each.flatMap(flat) : [each]);
  const numbers = flat(given);
  if (
    numbers.length !== shape.reduce((a, b) => a * b, 1) ||
    !numbers.every((each): each is number => typeof each === 'number')
  )
    throw wrong('lists that are no array of numbers');
  if (
    shape.length !== dims.length ||
    !shape.every((size, i) => typeof dims[i] === 'string' || dims[i] === size)
  )
    throw wrong(`[${shape.join(', ')}]`);
  return { shape, numbers };
}
