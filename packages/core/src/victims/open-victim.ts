import {
  type EngineModel,
  type FeatureSource,
  GauntletError,
  type InputConstant,
  type ModelKind,
  type ModelSource,
  type OutputScale,
  Stream,
  victimKinds,
  tf,
} from '@gauntlet/api';
import type { EngineChoice } from '../engines/engine-source.js';
import { openChosen } from '../engines/open-engine.js';
import { eightBits, estimateRadius } from './estimate-radius.js';
import { estimatedBy, estimatorName } from './estimated-gradient.js';
import type { Repeats } from '@gauntlet/api';
import { LoadedVictim } from './loaded-victim.js';
import { flatOrder, matchShapes } from './model-shape.js';
import { openPluginModel, type VictimSource } from './plugin-model.js';
import { type Preprocess, toModel } from './preprocess.js';
import { outputTraits } from './output-traits.js';

/** A victim as the spec describes it, with absolute paths. */
export interface VictimConfig extends EngineChoice {
  name: string;
  /** An absolute path; for a plugin what the spec calls it. */
  model: string;
  /** The model is a plugin's. */
  source?: VictimSource;
  kind: ModelKind;
  bounds: [number, number];
  output: 'auto' | 'logits' | 'probabilities';
  /** Each output says of a label whether it is true, whatever the others say. */
  multiLabel?: true;
  /** Which output of several. */
  outputName?: string;
  /** The output is the class alone, of so many. */
  labels?: number;
  /** Values of inputs that are not attacked. */
  inputs?: Record<string, InputConstant>;
  features?: string;
  preprocess: Preprocess;
  /** `estimated`: by forward passes alone, for a victim that cannot be differentiated. */
  gradients?: 'exact' | 'estimated';
  /** Exact gradients pass through steps as if these were not there. */
  straightThrough?: boolean;
  /** Attacks see the mean of so many passes, if the victim has randomness. */
  eot?: number;
  /** How the referee judges, if the victim has randomness. */
  repeats?: Repeats;
}

/** What opening a victim found out; goes into the report. */
export interface VictimInfo {
  engine: string;
  inputShape: [number, number, number];
  classes: number;
  multiLabel?: true;
  outputScale: OutputScale;
  featureSource: FeatureSource;
  bytesPerSample: number;
  hash: string;
  notes: string[];
  /** How gradients are made. */
  gradients: string;
  /** Operators that they pass through as if these were not there. */
  straightThrough?: string[];
}

/** Loads a victim for images of a shape, after proving on a probe batch that it is what the spec says. */
export async function openVictim(
  config: VictimConfig,
  imageShape: readonly [number, number, number],
): Promise<{ victim: LoadedVictim; info: VictimInfo }> {
  const engine = await openChosen(config);
  const { kind } = config;
  const output = statedFor(config);
  const model = config.source
    ? await openPluginModel(config.source, { ...config, imageShape, engine: engine.name })
    : await engine.load({
        path: config.model,
        output,
        outputName: config.outputName,
        labels: config.labels,
        inputs: config.inputs,
        features: config.features,
        imageShape,
        ...(config.straightThrough && { straightThrough: true }),
      });
  const modelShape = matchShapes(model.inputShape, imageShape, config.model);
  const notes = [...model.notes];
  const layout = flatOrder(config, model, modelShape, imageShape, notes);
  const preprocess = { ...config.preprocess, layout };
  const traits = {
    kind,
    inputShape: imageShape,
    bounds: config.bounds,
    preprocess,
    flatOutput: layout ?? model.flatOrder,
  };

  const { shape, rows } = await probeOutputs(model, config, modelShape);
  const scores = outputTraits[kind](config, model, { shape, rows, notes, imageShape });
  const estimated = config.gradients === 'estimated';
  // An address may count and charge for what it is asked.
  const radius =
    estimated && !config.source?.remote
      ? await estimateRadius(
          (x) => model.predict(toModel(x, modelShape, preprocess)),
          imageShape,
          config.bounds,
        )
      : eightBits;
  const victim = new LoadedVictim(model, modelShape, { ...traits, ...scores, radius });
  if (victim.featureSource.kind === 'patches') {
    notes.push('The victim has no convolution: mutual information looks at 3×3 patches of the input.');
  }
  const steps = stepsPassed(config, model, notes);
  if (estimated) {
    notes.push(
      `Gradients are estimated (${estimatorName(radius)}): attacks are weaker than with exact ones, and holding against them means less.`,
    );
  }
  return {
    victim,
    info: {
      engine: model.engine,
      inputShape: [...imageShape],
      classes: scores.classes,
      ...(config.multiLabel && { multiLabel: true }),
      outputScale: scores.outputScale,
      featureSource: victim.featureSource,
      bytesPerSample: model.bytesPerSample,
      hash: model.hash,
      gradients: estimated ? estimatedBy(radius) : 'exact',
      ...(steps.length > 0 && { straightThrough: steps }),
      notes,
    },
  };
}

/** What an engine is told of the output: sigmoids of several labels are probabilities, which it may look behind. */
function statedFor({ kind, output, multiLabel }: VictimConfig): ModelSource['output'] {
  if (!victimKinds[kind].hasClasses) return 'raw';
  return multiLabel && output === 'auto' ? 'probabilities' : output;
}

/** Operators whose gradients are made up, as the spec asks for. */
function stepsPassed(
  config: VictimConfig,
  { straightThrough, engine }: EngineModel,
  notes: string[],
): string[] {
  if (!config.straightThrough) return [];
  if (!straightThrough)
    throw new GauntletError(
      'engine-option',
      `The engine ${engine} cannot pass gradients straight through steps. Leave "straightThrough" out, or choose another engine.`,
    );
  notes.push(
    straightThrough.length > 0
      ? `Gradients pass straight through ${straightThrough.join(', ')}, as if these were not there (BPDA): holding against them means less.`
      : 'There is nothing that gradients have to pass straight through: "straightThrough" changes nothing.',
  );
  return [...straightThrough];
}

/** Runs five images (black, white, and random ones) and returns what came out, per image. */
async function probeOutputs(model: EngineModel, config: VictimConfig, modelShape: number[]) {
  const [low, high] = config.bounds;
  const size = modelShape.reduce((a, b) => a * b, 1);
  const stream = new Stream('probe');
  const values = Float32Array.from({ length: 5 * size }, (_, i) =>
    i < size ? low : i < 2 * size ? high : stream.uniform(low, high),
  );
  const x = tf.tensor(values, [5, ...modelShape]);
  const output = await model.predict(x);
  const { shape } = output;
  const flat = (await output.data()) as Float32Array;
  tf.dispose([x, output]);
  const width = flat.length / 5;
  const rows = Array.from({ length: 5 }, (_, i) => flat.subarray(i * width, (i + 1) * width));
  if (shape[0] !== 5) {
    throw new GauntletError(
      'model-shape',
      `${config.model} gave an output of shape [${shape.join(', ')}] for 5 images.`,
    );
  }
  if (rows.some((row) => row.some((value) => !Number.isFinite(value)))) {
    throw new GauntletError(
      'model-output',
      `${config.model} gives NaN or infinite outputs on plain images within bounds [${low}, ${high}].`,
    );
  }
  return { shape, rows };
}
