interface Spread {
  mean: number;
  std?: number;
}
/** An SVG. */
export function curveBesideLevels(figure: {
  title: string;
  xLabel: string;
  yLabel: string;
  points: readonly (Spread & { x: number; note: string })[];
  levels: readonly (Spread & { label: string })[];
  largest?: number;
}): string;
