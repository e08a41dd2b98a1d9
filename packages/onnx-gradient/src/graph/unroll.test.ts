import { create, fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { expectGradients, graphOf, openSession, random, relativeError } from '../gradient.test-support.js';
import { cotangentOf, withGradients } from '../gradient.js';
import { Attributes, attribute } from '../model/attributes.js';
import { constantFrom } from '../model/constant.js';
import type { ElementType } from '../model/element-types.js';
import type { Graph, Value } from '../model/graph.js';
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
} from '../model/onnx_pb.js';
import { serializeModel } from '../model/write.js';
import { Builder } from './builder.js';

type Inputs = Record<string, [ElementType, ...number[]]>;

/** A graph within a node. `given` are its inputs, and `write` gives its outputs; other names are those of the graph around. */
function body(given: Inputs, write: (g: Builder) => string[], outputTypes: ElementType[]): GraphProto {
  const g = new Builder(Object.keys(given));
  const outputs = write(g).map((name, i): Value => ({ name, type: outputTypes[i] }));
  const inputs = Object.entries(given).map(([name, [type, ...dims]]): Value => ({ name, type, dims }));
  const graph: Graph = {
    opset: 18,
    domains: new Map(),
    inputs,
    outputs,
    nodes: g.nodes,
    constants: g.constants,
    stated: new Map(),
  };
  return fromBinary(ModelProtoSchema, serializeModel(graph)).graph!;
}

function control(
  g: Builder,
  op: string,
  inputs: string[],
  outputs: string[],
  graphs: Record<string, GraphProto>,
  numbers: Record<string, number | number[]> = {},
): string[] {
  const within = Object.entries(graphs).map(([name, graph]) =>
    create(AttributeProtoSchema, { name, type: Type.GRAPH, g: graph }),
  );
  const plain = Object.entries(numbers).map(([name, value]) => attribute(name, value));
  g.nodes.push({
    op,
    name: op,
    domain: '',
    inputs,
    outputs,
    attributes: new Attributes([...within, ...plain]),
  });
  return outputs;
}

const count = (g: Builder, value: number) => g.constant(constantFrom('int64', [], [value]));
const truth = (g: Builder, value: boolean) => g.constant(constantFrom('bool', [], [Number(value)]));
const weight = (g: Builder, dims: number[], seed: number) =>
  g.filled('float32', dims, random(dims, seed, 0.6).data as Float32Array);
const state: Inputs = { trip: ['int64'], going: ['bool'], h: ['float32', 2, 4] };

/** h ← tanh(h W) + trip·x, and each h is collected. Its name "x" is that of the graph around. */
const step = (condition: (g: Builder) => string) =>
  body(
    state,
    (g) => {
      const turned = g.op('Tanh', [g.op('MatMul', ['h', 'w'])]);
      const h = g.op('Add', [turned, g.op('Mul', ['x', g.op('Cast', ['trip'], { to: 1 })])]);
      return [condition(g), h, g.op('Identity', [h])];
    },
    ['bool', 'float32', 'float32'],
  );

function withLoop(
  trips: (g: Builder) => string,
  condition: (g: Builder) => string,
  inner = step(condition),
): Graph {
  return graphOf({ x: [2, 4] }, (g) => {
    g.constants.set('w', constantFrom('float32', [4, 4], random([4, 4], 3, 0.6).data as Float32Array));
    const [last, all] = control(g, 'Loop', [trips(g), '', 'x'], ['last', 'all'], { body: inner });
    return g.op('Add', [g.op('ReduceSum', [all, g.ints([0])], { keepdims: 0 }), last]);
  });
}

/** Gradients against central differences, and the unrolled graph's values against ONNX Runtime's of the loop itself. */
async function expectRight(graph: Graph): Promise<void> {
  const x = random(graph.inputs[0].dims as number[], 5, 0.8);
  const [{ name }] = graph.outputs;
  const expected = (await (await openSession(graph)).run({ x }))[name];
  const both = withGradients(graph);
  expect(both.nodes.some(({ op }) => ['Loop', 'Scan', 'If'].includes(op))).toBe(false);
  const found = (await (await openSession(both)).run({ x, [cotangentOf(name)]: expected }))[name];
  expect(relativeError(found.data as Float32Array, expected.data as Float32Array)).toBeLessThan(1e-6);
  await expectGradients(graph, { x });
}

describe('a Loop', () => {
  it('of a constant number of trips', () =>
    expectRight(
      withLoop(
        (g) => count(g, 3),
        (g) => g.op('Identity', ['going']),
      ),
    ));

  it('that ends by a condition over constants', () =>
    expectRight(
      withLoop(
        () => '',
        (g) => g.op('Less', ['trip', count(g, 2)]),
      ),
    ));

  it('in a Loop', () => {
    const inner = body(
      { ...state, h: ['float32', 2, 4] },
      (g) => [g.op('Identity', ['going']), g.op('Sin', [g.op('MatMul', ['h', 'w'])])],
      ['bool', 'float32'],
    );
    const outer = body(
      state,
      (g) => {
        const [h] = control(g, 'Loop', [count(g, 2), '', 'h'], ['inner'], { body: inner });
        return [g.op('Identity', ['going']), h, g.op('Mul', [h, h])];
      },
      ['bool', 'float32', 'float32'],
    );
    return expectRight(
      withLoop(
        (g) => count(g, 2),
        () => '',
        outer,
      ),
    );
  });

  it('that runs not once gives what it was given', () =>
    expectRight(
      graphOf({ x: [2, 4] }, (g) => {
        const inner = body(state, (within) => [within.op('Identity', ['going']), within.op('Exp', ['h'])], [
          'bool',
          'float32',
        ]);
        const [last] = control(g, 'Loop', [count(g, 0), truth(g, true), 'x'], ['last'], { body: inner });
        return g.op('Mul', [last, last]);
      }),
    ));

  const complaint = (graph: Graph) => {
    try {
      withGradients(graph);
      return 'no complaint';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('whose end depends on the input is refused by name', () => {
    const smaller = (g: Builder) =>
      g.op('Less', [g.op('ReduceSum', ['h'], { keepdims: 0 }), g.filled('float32', [], [9])]);
    expect(complaint(withLoop((g) => count(g, 3), smaller))).toMatch(
      /^Loop "Loop" is control flow that depends on the input, which cannot be differentiated here\. Export/,
    );
  });

  it('that collects nothing is refused', () => {
    const none = withLoop(
      (g) => count(g, 0),
      (g) => g.op('Identity', ['going']),
    );
    expect(complaint(none)).toMatch(
      /^Loop "Loop" runs not once, and so makes nothing of what it collects, which/,
    );
  });

  it('without end is refused', () => {
    expect(
      complaint(
        withLoop(
          () => '',
          (g) => g.op('Identity', ['going']),
        ),
      ),
    ).toMatch(/^Loop "Loop" takes the nodes of loops, one after the other, beyond 100000, which cannot/);
  });
});

describe('a Scan', () => {
  /** h ← tanh(h W + e); h² is collected. */
  const inner = body(
    { h: ['float32', 4], e: ['float32', 4] },
    (g) => {
      const h = g.op('Tanh', [g.op('Add', [g.op('MatMul', ['h', weight(g, [4, 4], 7)]), 'e'])]);
      return [h, g.op('Mul', [h, h])];
    },
    ['float32', 'float32'],
  );
  it.each([
    ['forward', {}, [3, 4]],
    [
      'backward, along other axes',
      {
        scan_input_axes: [1],
        scan_input_directions: [1],
        scan_output_axes: [-1],
        scan_output_directions: [1],
      },
      [4, 3],
    ],
  ])('%s', (_, numbers, dims) =>
    expectRight(
      graphOf({ x: dims }, (g) => {
        const first = g.filled('float32', [4], [0.1, -0.2, 0.3, 0.4]);
        const outputs = control(
          g,
          'Scan',
          [first, 'x'],
          ['last', 'all'],
          { body: inner },
          { num_scan_inputs: 1, ...numbers },
        );
        const [last, all] = outputs;
        return g.op('Add', [g.op('ReduceSum', [all], { keepdims: 0 }), last]);
      }),
    ),
  );
});

it('an If in a Loop takes the branch of each trip', () => {
  const branch = (op: string) => body({}, (g) => [g.op(op, ['h'])], ['float32']);
  const inner = body(
    state,
    (g) => {
      const first = g.op('Less', ['trip', count(g, 1)]);
      const branches = { then_branch: branch('Tanh'), else_branch: branch('Exp') };
      const [h] = control(g, 'If', [first], ['chosen'], branches);
      return [g.op('Identity', ['going']), h, g.op('Neg', [h])];
    },
    ['bool', 'float32', 'float32'],
  );
  return expectRight(
    withLoop(
      (g) => count(g, 2),
      () => '',
      inner,
    ),
  );
});
