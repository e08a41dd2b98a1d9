import {
  area,
  curveStepAfter,
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
} from 'd3-shape';
import { number, plain } from '../../text.js';
import { Head } from '../table.js';
import { Frame } from './frame.js';
import { horizontal, type ScaleContinuousNumericLike, vertical } from './scales.js';

export interface Point {
  x: number;
  y: number;
  interval?: readonly [number, number];
}
export interface Series {
  name: string;
  points: readonly Point[];
}

/** Series differ in colour, in dashes and in marks: any one of them is enough. */
const symbols = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar];
const looks = 8;

interface LinesProps {
  id: string;
  title: string;
  /** How to read it. */
  hint: string;
  series: readonly Series[];
  xLabel: string;
  yLabel: string;
  /** Values of y that the axis has to show at least. */
  range?: [number, number];
  /** A number that stays until the next one, and not a line between measurements. */
  steps?: boolean;
  log?: boolean;
  /** A level that means something. */
  level?: { y: number; name: string };
}

/** Lines with their intervals, a legend, and the numbers as a table. */
export function Lines({ hint, ...plot }: LinesProps) {
  const { title, series, xLabel, yLabel, steps = false, level } = plot;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <LinesPlot {...plot} />
      {series.length > 1 || level ? (
        <ul class="legend">
          {series.map(({ name }, i) => (
            <li key={name}>
              <LegendMark look={i} />
              {plain(name, 60)}
            </li>
          ))}
          {level && (
            <li>
              <svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">
                <line class="level" x1="1" x2="33" y1="6" y2="6" />
              </svg>
              {level.name}
            </li>
          )}
        </ul>
      ) : null}
      <p class="hint">{hint}</p>
      {!steps && <Numbers series={series} xLabel={xLabel} yLabel={yLabel} />}
    </figure>
  );
}

/** The plot alone, as SVG. */
export function LinesPlot({
  id,
  title,
  series,
  xLabel,
  yLabel,
  range,
  steps = false,
  log,
  level,
}: Omit<LinesProps, 'hint'>) {
  const all = series.flatMap(({ points }) => points);
  const x = horizontal(
    all.map((point) => point.x),
    log,
  );
  const heights = all.flatMap(({ y, interval }) => [y, ...(interval ?? [])]);
  const y = vertical([...heights, ...(level ? [level.y] : [])], range?.[0], range?.[1]);
  const description = series.map(({ name, points }) => describe(name, points, xLabel)).join(' ');
  return (
    <Frame id={id} title={title} description={description} x={x} y={y} xLabel={xLabel} yLabel={yLabel}>
      {level && <line class="level" x1={44} x2={322} y1={y(level.y)} y2={y(level.y)} />}
      {series.map(({ name, points }, i) => (
        <Line key={name} points={points} look={i % looks} x={x} y={y} steps={steps} />
      ))}
    </Frame>
  );
}

/** What a series looks like, for a legend. */
export function LegendMark({ look }: { look: number }) {
  return (
    <svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">
      <line class={`line s${look % looks}`} x1="1" x2="33" y1="6" y2="6" />
      <path class={`mark s${look % looks}`} transform="translate(17 6)" d={mark(look)} />
    </svg>
  );
}

const mark = (i: number) => symbol(symbols[i % symbols.length], 42)() ?? '';

interface LineProps {
  points: readonly Point[];
  look: number;
  x: ScaleContinuousNumericLike;
  y: ScaleContinuousNumericLike;
  steps: boolean;
}

function Line({ points, look, x, y, steps }: LineProps) {
  const banded = points.filter((point) => point.interval);
  const path = line<Point>(
    (point) => x(point.x),
    (point) => y(point.y),
  );
  const band = area<Point>(
    (point) => x(point.x),
    (point) => y(point.interval![0]),
    (point) => y(point.interval![1]),
  );
  if (steps) [path, band].forEach((shape) => shape.curve(curveStepAfter));
  // Of many points only some are marked, at different places for each series.
  const every = Math.max(1, Math.ceil(points.length / 8));
  return (
    <g>
      {banded.length > 1 && <path class={`band s${look}`} d={band([...banded]) ?? ''} />}
      <path class={`line s${look}`} d={path([...points]) ?? ''} />
      {points.map((point, i) =>
        (i + look) % every === 0 || points.length === 1 ? (
          <path
            key={i}
            class={`mark s${look}`}
            transform={`translate(${place(x(point.x))} ${place(y(point.y))})`}
            d={mark(look)}
          />
        ) : null,
      )}
    </g>
  );
}

const place = (value: number) => Math.round(value * 10) / 10;

function Numbers({ series, xLabel, yLabel }: Pick<LinesProps, 'series' | 'xLabel' | 'yLabel'>) {
  const uncertain = series.some(({ points }) => points.some(({ interval }) => interval));
  return (
    <details>
      <summary>as numbers</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${yLabel} by ${xLabel}`}>
        <table>
          <Head names={['', xLabel, yLabel, ...(uncertain ? ['95 %'] : [])]} />
          <tbody>
            {series.flatMap(({ name, points }) =>
              points.map((point) => (
                <tr key={`${name} ${point.x}`}>
                  <th scope="row">{plain(name, 60)}</th>
                  <td>{number(point.x)}</td>
                  <td>{number(point.y)}</td>
                  {uncertain && <td>{point.interval ? point.interval.map(number).join(' to ') : '–'}</td>}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function describe(name: string, points: readonly Point[], xLabel: string): string {
  const [first, last] = [points[0], points[points.length - 1]];
  if (!first) return `${plain(name, 60)}: no data.`;
  return `${plain(name, 60)}: ${number(first.y)} at ${xLabel} ${number(first.x)}, ${number(last.y)} at ${number(last.x)}.`;
}
