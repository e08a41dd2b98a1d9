// Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", ICLR 2019: fifteen
// kinds of noise, blur, weather and digital corruption at five severities. Parameters are those of CIFAR-10-C for small images
// and of ImageNet-C for larger ones.
import {
  type CorruptionFamily,
  type CorruptionSetting,
  defineAttack,
  type ParamsInput,
  type ParamsOf,
} from '@gauntlet/api';
import type { Scale } from './kind.js';
import { type KindName, kindNames, kinds } from './kinds.js';
import { imageOf, pictureOf } from './units.js';
import { worstOf } from './worst-of.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    kinds: {
      type: 'array',
      items: { enum: kindNames },
      minItems: 1,
      uniqueItems: true,
      default: kindNames,
      description: 'Which of the fifteen; all of them by default',
    },
    severities: {
      type: 'array',
      items: { type: 'integer', minimum: 1, maximum: 5 },
      minItems: 1,
      uniqueItems: true,
      default: [1, 2, 3, 4, 5],
      description: 'Which of the five',
    },
    parameters: {
      enum: ['auto', 'cifar', 'imagenet'],
      default: 'auto',
      description:
        'Parameters of CIFAR-10-C or of ImageNet-C; auto: those of CIFAR-10-C below 64 pixels on the shorter side',
    },
  },
} as const;

export type CorruptionsParams = ParamsInput<typeof params>;
type Params = ParamsOf<typeof params>;

/** Images of this many pixels on the shorter side and more are corrupted like ImageNet's. */
const imageNetFrom = 64;

const scaleOf = (parameters: Params['parameters'], [height, width]: readonly number[]): Scale =>
  parameters !== 'auto' ? parameters : Math.min(height!, width!) < imageNetFrom ? 'cifar' : 'imagenet';

interface Setting extends CorruptionSetting {
  group: KindName;
  level: number;
}

/** The gentle ones first, so that what breaks a sample is the least that does. */
const settingsOf = ({ kinds: names, severities }: Params): Setting[] =>
  [...severities]
    .sort((a, b) => a - b)
    .flatMap((level) => names.map((group) => ({ name: `${group} ${level}`, group, level })));

const family: CorruptionFamily<Params, Setting> = {
  tallied: true,
  settings: settingsOf,
  async corrupt(image, { params, setting, stream, ...units }) {
    const severities = kinds[setting.group].severities[scaleOf(params.parameters, units.shape)];
    const corrupt = severities[setting.level - 1]!;
    return imageOf(await corrupt(pictureOf(image, units), stream), units);
  },
};

const familyName = ({ kinds: names, severities, parameters }: Params): string => {
  const listed = names.length === kindNames.length ? 'the 15 common corruptions' : names.join(', ');
  const levels = [...severities].sort((a, b) => a - b).join(', ');
  return `${listed} at ${severities.length === 1 ? 'severity' : 'severities'} ${levels}${parameters === 'auto' ? '' : ` (${parameters})`}`;
};

/** Common corruptions: the worst of them for each sample, and what the victim says under each. */
export const corruptions = defineAttack({
  name: 'corruptions',
  version: 1,
  victim: 'classifier',
  reference: 'Hendrycks & Dietterich, ICLR 2019',
  description: 'Noise, blur, weather and digital corruptions at five severities; measures mCE',
  params,
  usesGradients: false,
  goals: 'any',
  threat: (params) => ({ kind: 'corruption', norm: 'none', epsilon: 0, family: familyName(params) }),
  corruption: family,
  perturb: (context) => worstOf(family, context),
});
