import type * as tf from '@tensorflow/tfjs-core';
import type { Hdf5, Weight } from './hdf5.js';
import type { WeightedLayer } from './topology.js';
import { Unread } from './unread.js';

export interface Weights {
  weightSpecs: tf.io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
}

/** Finds the weights of one layer, in the order of Keras. */
export type Finder = (layer: WeightedLayer) => (Weight | undefined)[];

/** What the groups of version 3 may be called at the top. */
export const keras3Groups = ['layers', '_layer_checkpoint_dependencies'];
export const hdf5Group = 'model_weights';

/** In a .keras file: layers/conv2d_1/vars/0, by the classes of the layers and their order. */
export const inKeras3 =
  ({ attributes, weights }: Hdf5): Finder =>
  (layer) => {
    const tries = keras3Groups.map((group) => layer.place.map((each) => `${group}/${each}`).join('/'));
    const at = tries.find((each) => attributes[`${each}/vars`]) ?? tries[0];
    const name = attributes[`${at}/vars`]?.name;
    // Newer versions write the name of the layer beside its weights.
    if (name !== undefined && name !== layer.path.at(-1))
      throw new Unread(`its weights at ${at} are those of a layer "${String(name)}"`);
    return layer.weights.map((_, i) => weights.get(`${at}/vars/${i}`));
  };

/** In an .h5 file: each layer at the top is a group that lists the names of all weights in it. */
export const inHdf5 =
  ({ attributes, weights }: Hdf5): Finder =>
  ({ path, weights: names }) => {
    const group = `${hdf5Group}/${path[0]}`;
    const listed = textsOf(attributes[group], 'weight_names');
    const parts = (name: string) => name.replace(/:\d+$/, '').split('/');
    const found = path.length === 1 ? listed : listed.filter((name) => parts(name).at(-2) === path.at(-1));
    return names.map((name, i) => {
      const last = found[i] === undefined ? undefined : parts(found[i]).at(-1)!;
      // A depthwise kernel is called a kernel from version 3 on.
      if (last !== undefined && last !== name && !name.endsWith(`_${last}`))
        throw new Unread(`its weight ${i} is "${found[i]}", where "${name}" is expected`);
      return weights.get(`${group}/${found[i]}`);
    });
  };

/** A list that is too long for one attribute is written as several: weight_names0, weight_names1, … */
function textsOf(attributes: Hdf5['attributes'][string], name: string): string[] {
  const whole = attributes?.[name];
  if (whole !== undefined) return [whole].flat();
  const parts: string[] = [];
  for (let i = 0; attributes?.[`${name}${i}`] !== undefined; i++)
    parts.push(...[attributes[`${name}${i}`]!].flat());
  return parts;
}

/**
 * The weights of all layers as TensorFlow.js has them.
 * @throws Unread for a layer that lacks one
 */
export function weightsOf(layers: readonly WeightedLayer[], find: Finder): Weights {
  const specs: tf.io.WeightsManifestEntry[] = [];
  const values: Float32Array[] = [];
  for (const layer of layers) {
    const found = find(layer);
    layer.weights.forEach((kind, i) => {
      const name = `${layer.path.at(-1)}/${kind}`;
      const weight = found[i];
      if (!weight) throw new Unread(`the file has no weight "${name}" of float32`);
      if (specs.some((each) => each.name === name))
        throw new Unread(`two layers of it have a weight "${name}"`);
      specs.push({ name, shape: [...weight.shape], dtype: 'float32' });
      values.push(weight.values);
    });
  }
  const whole = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of values) {
    whole.set(each, at);
    at += each.length;
  }
  return { weightSpecs: specs, weightData: whole.buffer };
}
