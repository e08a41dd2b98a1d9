import type { FeatureBlock, GraphRunner } from '@gauntlet/api';
import { neverAlone } from '../rows.js';
import { factorOf, informationValue, selfInformation } from './gaussian.js';
import { gaussianGraphs, type Shape } from './graphs.js';
import * as ort from 'onnxruntime-node';

/** The clean side of a block, and what the algebra needs of each image. */
interface CleanBlock {
  u: ort.Tensor;
  scale: ort.Tensor;
  variances: Float64Array[];
  /** Of C_uu + λI. */
  factors: Float64Array[];
}

/** Clean images are asked about again and again: with themselves, and at each step of a trace. */
const prepared = new WeakMap<FeatureBlock, Promise<CleanBlock>>();

/**
 * The estimate for every image of two blocks, the covariances on ONNX Runtime in single precision, and the algebra of
 * channels × channels matrices on the host in double.
 */
export async function compiledGaussianBatch(
  clean: FeatureBlock,
  perturbed: FeatureBlock,
  open: GraphRunner,
): Promise<Float64Array> {
  const { n, channels } = clean;
  const preparing = prepared.get(clean) ?? prepare(clean, open);
  prepared.set(clean, preparing);
  const { u, scale, variances, factors } = await preparing;
  if (perturbed === clean)
    return Float64Array.from(variances, (variance) => selfInformation(variance, channels));
  const session = await gaussianGraphs(shapeOf(clean), open).covariances();
  const { variance, cross } = await session.run({ u, scale, part: partOf(perturbed) });
  const [ofPart, ofBoth] = [matrices(variance, n), matrices(cross, n)];
  return Float64Array.from(factors, (factor, i) => informationValue(factor, ofPart[i], ofBoth[i], channels));
}

async function prepare(clean: FeatureBlock, open: GraphRunner): Promise<CleanBlock> {
  const session = await gaussianGraphs(shapeOf(clean), open).clean();
  const { u, scale, variance } = await session.run({ part: partOf(clean) });
  const variances = matrices(variance, clean.n);
  return { u, scale, variances, factors: variances.map((one) => factorOf(one, clean.channels)) };
}

const shapeOf = ({ n, positions, channels }: FeatureBlock): Shape => [n, positions, 1, channels];

const partOf = (block: FeatureBlock) => neverAlone(new ort.Tensor('float32', block.data, shapeOf(block)));

/** The first n matrices of [≥ n,C,C]. */
function matrices({ data, dims }: ort.Tensor, n: number): Float64Array[] {
  const size = dims[1] * dims[2];
  return Array.from(
    { length: n },
    (_, i) => new Float64Array((data as Float32Array).subarray(i * size, (i + 1) * size)),
  );
}
