// Engstrom, Tran, Tsipras, Schmidt, Madry, "Exploring the Landscape of Spatial Robustness", ICML 2019: the worst point of a grid
// over rotation and translation, here with scale, brightness and contrast as further axes.
import {
  type Complaint,
  type CorruptionFamily,
  type CorruptionSetting,
  defineAttack,
  type ParamsInput,
  type ParamsOf,
} from '@gauntlet/api';
import { scaleContrast } from './digital-kinds.js';
import { nearest } from './filters.js';
import { mapValues, type Picture } from './picture.js';
import { warp } from './resample.js';
import { gridOf, gridSize, type Transform, transformName } from './transform-grid.js';
import { imageOf, pictureOf } from './units.js';
import { worstOf } from './worst-of.js';

const share = (maximum: number, initial: number, description: string) =>
  ({ type: 'number', minimum: 0, maximum, default: initial, description }) as const;

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    rotation: share(180, 30, 'Largest rotation to both sides, in degrees (above 0: clockwise); 0: none'),
    translation: share(1, 0.1, 'Largest shift up, down, left and right, as a share of the side; 0: none'),
    scale: share(0.9, 0, 'Largest change of the size, as a share; 0: none'),
    brightness: share(1, 0, 'Largest change of all values, as a share of the range of the bounds; 0: none'),
    contrast: share(1, 0, 'Largest change of the distance from the mean, as a share; 0: none'),
    points: {
      type: 'integer',
      minimum: 3,
      maximum: 101,
      default: 5,
      description: 'Points on each axis of the grid; odd, so that the middle is one of them',
    },
    fill: {
      enum: ['low', 'edge'],
      default: 'low',
      description: 'What comes in from outside: the lower bound (black), or the pixels at the edge',
    },
  },
} as const;

export type TransformsParams = ParamsInput<typeof params>;
type Params = ParamsOf<typeof params>;

/** Points that a sample is tried with at most. */
const mostPoints = 10_000;

function complaints(params: Params): Complaint[] {
  const { points } = params;
  const found: Complaint[] = [];
  if (points % 2 === 0)
    found.push({
      path: ['points'],
      message: `"points" has to be odd, so that the middle of each axis is on the grid. Take ${points + 1}.`,
    });
  const size = gridSize(params, points);
  if (size === 1)
    found.push({
      path: [],
      message: 'Every range is 0, so that nothing is transformed. Give one of them a value.',
    });
  if (size > mostPoints)
    found.push({
      path: ['points'],
      message: `The grid has ${size} points, and each is a forward pass for each sample; ${mostPoints} are the most. Take fewer points, or set some of the ranges to 0.`,
    });
  return found;
}

/** Rotation, scale and shift around the middle, bilinear; then contrast and brightness. */
export function transformed(picture: Picture, transform: Transform, fill: Params['fill']): Picture {
  const { rotation, down, across, scale, brightness, contrast } = transform;
  const { height, width } = picture;
  const still = rotation === 0 && down === 0 && across === 0 && scale === 0;
  const [cy, cx] = [(height - 1) / 2, (width - 1) / 2];
  const angle = (rotation * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle) / (1 + scale), Math.cos(angle) / (1 + scale)];
  const source = (y: number, x: number): [number, number] => {
    const [dy, dx] = [y - cy - down * height, x - cx - across * width];
    return [cy + cos * dy - sin * dx, cx + sin * dy + cos * dx];
  };
  const moved = still ? picture : warp(picture, source, fill === 'edge' ? nearest : { fill: 0 });
  const stretched = contrast === 0 ? moved : scaleContrast(moved, 1 + contrast);
  return brightness === 0 ? stretched : mapValues(stretched, (value) => value + brightness);
}

interface Setting extends CorruptionSetting {
  transform: Transform;
}

const family: CorruptionFamily<Params, Setting> = {
  settings: (params) =>
    gridOf(params, params.points).map((transform) => ({ name: transformName(transform), transform })),
  corrupt: (image, { params, setting, ...units }) =>
    imageOf(transformed(pictureOf(image, units), setting.transform, params.fill), units),
};

const familyName = ({ points, fill, ...ranges }: Params): string => {
  const said = Object.entries(ranges)
    .filter(([, range]) => range > 0)
    .map(([axis, range]) => `${axis} ±${range}${axis === 'rotation' ? '°' : ''}`);
  return `${said.join(', ')} in ${points} points each${fill === 'low' ? '' : `, ${fill}`}`;
};

/** The worst point of a grid of rotations, shifts, sizes, brightness and contrast. */
export const transforms = defineAttack({
  name: 'transforms',
  version: 1,
  victim: 'classifier',
  reference: 'Engstrom et al., ICML 2019, section 3: worst of grid',
  description: 'Rotation, translation, scale, brightness and contrast: the worst point of a grid',
  params,
  usesGradients: false,
  goals: 'any',
  complaints,
  threat: (params) => ({ kind: 'corruption', norm: 'none', epsilon: 0, family: familyName(params) }),
  corruption: family,
  perturb: (context) => worstOf(family, context),
});
