import type { GraphRunner } from '@gauntlet/api';
import { Builder, type Graph, serializeModel, type Value } from '@gauntlet/onnx-gradient';
import { float, graphOf } from '../graph.js';
import type * as ort from 'onnxruntime-node';

export type Shape = readonly [number, number, number, number];

export interface GaussianGraphs {
  /** part → u, scale, C_uu */
  clean: () => Promise<ort.InferenceSession>;
  /** u, scale, part → C_vv, C_uv */
  covariances: () => Promise<ort.InferenceSession>;
  /** u, scale, part, onV, onU → dI/dpart */
  gradient: () => Promise<ort.InferenceSession>;
}

const caches = new WeakMap<GraphRunner, Map<string, GaussianGraphs>>();

/** The graphs for features [·,h,w,C], each compiled when it is first asked for. */
export function gaussianGraphs(shape: Shape, open: GraphRunner): GaussianGraphs {
  const cache = caches.get(open) ?? new Map<string, GaussianGraphs>();
  caches.set(open, cache);
  const key = shape.slice(1).join();
  let found = cache.get(key);
  if (!found) {
    const once = (graph: (shape: Shape) => Graph) => {
      let session: Promise<ort.InferenceSession> | undefined;
      return () => (session ??= open(serializeModel(graph(shape))));
    };
    found = { clean: once(cleanGraph), covariances: once(covarianceGraph), gradient: once(gradientGraph) };
    cache.set(key, found);
  }
  return found;
}

/** The part centred, positions × channels. */
function centred(g: Builder, [, h, w, channels]: Shape): string {
  const rows = g.op('Reshape', ['part', g.ints([0, h * w, channels])]);
  return g.sub(rows, g.mean(rows, [1]));
}

/** (1/P) aᵀ b, channels × channels. */
function covariance(g: Builder, a: string, b: string, [, h, w]: Shape, name: string) {
  const share = g.scalar(1 / (h * w), 'float32');
  g.node('Mul', [g.op('MatMul', [g.transpose(a, [0, 2, 1]), b]), share], [name]);
}

function cleanGraph(shape: Shape): Graph {
  const [, h, w, channels] = shape;
  const g = new Builder(['part', 'u', 'scale', 'variance']);
  const once = centred(g, shape);
  // Twice: what rounding leaves of a constant channel would be scaled up to an image.
  const twice = g.sub(once, g.mean(once, [1]));
  const square = g.mean(g.mul(twice, twice), [1, 2]);
  // A constant image has no scale of its own; its estimate is 0 at any scale.
  const flat = g.op('LessOrEqual', [square, g.scalar(1e-24, 'float32')]);
  const one = g.scalar(1, 'float32');
  g.node('Where', [flat, one, g.div(one, g.op('Sqrt', [g.where(flat, one, square)]))], ['scale']);
  g.node('Mul', [twice, 'scale'], ['u']);
  covariance(g, 'u', 'u', shape, 'variance');
  return graphOf(
    g,
    [float('part', ['n', h, w, channels])],
    [
      float('u', ['n', h * w, channels]),
      float('scale', ['n', 1, 1]),
      float('variance', ['n', channels, channels]),
    ],
  );
}

/** The part as centred and scaled positions × channels: v. */
function written(shape: Shape): { g: Builder; v: string; inputs: Value[] } {
  const [, h, w, channels] = shape;
  const inputs = [
    float('u', ['n', h * w, channels]),
    float('scale', ['n', 1, 1]),
    float('part', ['n', h, w, channels]),
  ];
  const g = new Builder(['u', 'scale', 'part', 'onV', 'onU']);
  return { g, v: g.mul(centred(g, shape), 'scale'), inputs };
}

function covarianceGraph(shape: Shape): Graph {
  const { g, v, inputs } = written(shape);
  const [, , , channels] = shape;
  covariance(g, v, v, shape, 'variance');
  covariance(g, 'u', v, shape, 'cross');
  const matrix = ['n', channels, channels];
  return graphOf(g, inputs, [float('variance', matrix), float('cross', matrix)]);
}

function gradientGraph(shape: Shape): Graph {
  const { g, v, inputs } = written(shape);
  const [, h, w, channels] = shape;
  const sum = g.add(g.op('MatMul', [v, 'onV']), g.op('MatMul', ['u', 'onU']));
  const scaled = g.mul(sum, g.mul('scale', g.scalar(1 / (h * w), 'float32')));
  g.node('Reshape', [scaled, g.ints([0, h, w, channels])], ['gradient']);
  const matrix = ['n', channels, channels];
  return graphOf(
    g,
    [...inputs, float('onV', matrix), float('onU', matrix)],
    [float('gradient', ['n', h, w, channels])],
  );
}
