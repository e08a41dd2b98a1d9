/** What each axis of the grid may reach to both sides; 0 leaves it out. */
export interface Ranges {
  /** In degrees, clockwise. */
  rotation: number;
  /** As a share of height and width. */
  translation: number;
  /** Larger or smaller by this share. */
  scale: number;
  /** As a share of the range of the bounds. */
  brightness: number;
  /** The distance from the mean, larger or smaller by this share. */
  contrast: number;
}

/** One point: what is done to an image. */
export interface Transform {
  rotation: number;
  down: number;
  across: number;
  scale: number;
  brightness: number;
  contrast: number;
}

const axesOf = ({
  rotation,
  translation,
  scale,
  brightness,
  contrast,
}: Ranges): [keyof Transform, number][] => [
  ['rotation', rotation],
  ['down', translation],
  ['across', translation],
  ['scale', scale],
  ['brightness', brightness],
  ['contrast', contrast],
];

export const identity: Transform = { rotation: 0, down: 0, across: 0, scale: 0, brightness: 0, contrast: 0 };

/** How many points a grid has. */
export const gridSize = (ranges: Ranges, points: number): number =>
  points ** axesOf(ranges).filter(([, range]) => range > 0).length;

/** All points of a grid, those nearest to the identity first: what breaks a sample is then the least that does, or nearly. */
export function gridOf(ranges: Ranges, points: number): Transform[] {
  const places = Array.from({ length: points }, (_, i) => (2 * i) / (points - 1) - 1);
  let grid: { at: Transform; away: number }[] = [{ at: identity, away: 0 }];
  for (const [axis, range] of axesOf(ranges).filter(([, range]) => range > 0))
    grid = grid.flatMap(({ at, away }) =>
      places.map((place) => ({ at: { ...at, [axis]: place * range }, away: away + place ** 2 })),
    );
  return grid.sort((a, b) => a.away - b.away).map(({ at }) => at);
}

/** `rotation 15 + across -0.1`; nothing done is `none`. */
export const transformName = (transform: Transform): string =>
  Object.entries(transform)
    .filter(([, value]) => value !== 0)
    .map(([axis, value]: [string, number]) => `${axis} ${Number(value.toPrecision(3))}`)
    .join(' + ') || 'none';
