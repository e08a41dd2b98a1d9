import type { ComponentChildren } from 'preact';
import { inner, size } from './area.js';
import type { ScaleContinuousNumericLike } from './scales.js';

interface FrameProps {
  id: string;
  /** What is shown, for those who do not see it. */
  title: string;
  description: string;
  x: ScaleContinuousNumericLike;
  y: ScaleContinuousNumericLike;
  xLabel: string;
  yLabel: string;
  xTicks?: readonly number[];
  children: ComponentChildren;
}

/** Axes, grid and names around the marks of a plot. */
export function Frame({ id, title, description, x, y, xLabel, yLabel, xTicks, children }: FrameProps) {
  const { left, right, top, bottom } = inner;
  return (
    <svg
      class="plot"
      width={size.width}
      height={size.height}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-labelledby={`${id}-t`}
      aria-describedby={`${id}-d`}
    >
      <title id={`${id}-t`}>{title}</title>
      <desc id={`${id}-d`}>{description}</desc>
      <g class="grid">
        {y.ticks(4).map((value) => (
          <line key={value} x1={left} x2={right} y1={y(value)} y2={y(value)} />
        ))}
      </g>
      <g class="axis" text-anchor="end">
        {y.ticks(4).map((value) => (
          <text key={value} x={left - 5} y={y(value) + 4}>
            {short(value)}
          </text>
        ))}
      </g>
      <g class="axis" text-anchor="middle">
        {(xTicks ?? x.ticks(5)).map((value) => (
          <text key={value} x={x(value)} y={bottom + 15}>
            {short(value)}
          </text>
        ))}
      </g>
      <line class="base" x1={left} x2={right} y1={bottom} y2={bottom} />
      <text class="label" x={(left + right) / 2} y={bottom + 33} text-anchor="middle">
        {xLabel}
      </text>
      <text class="label" transform={`translate(11 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {yLabel}
      </text>
      {children}
    </svg>
  );
}

export const short = (value: number): string =>
  Math.abs(value) >= 1e4 ? value.toExponential(0).replace('e+', 'e') : String(Number(value.toPrecision(3)));
