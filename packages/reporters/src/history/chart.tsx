import { line } from 'd3-shape';
import { scaleLinear, scalePoint } from 'd3-scale';
import { render } from 'preact-render-to-string';
import { percent, svgText } from '../text.js';
import type { History, Moment } from './history.js';

/** Pixels of the whole, and of the part inside the axes. */
const size = { width: 760, height: 380 };
const inner = { left: 56, right: 744, top: 20, bottom: 270 };
/** More would be unreadable. */
const mostLabels = 16;

const colours = ['#0072b2', '#b34700', '#00795a', '#a34a84', '#806000', '#444444'];
const dashes = ['none', '7 3', '2 3', '9 3 2 3', '4 4', '12 4'];

const style = `
text { font: 12px system-ui, sans-serif; fill: #333; } .grid { stroke: #ddd; } .base { stroke: #666; } .ground { fill: #fff; }
@media (prefers-color-scheme: dark) { text { fill: #ddd; } .grid { stroke: #444; } .base { stroke: #aaa; } .ground { fill: #161618; } .series { filter: brightness(1.6); } }
`;

/** The histories as one SVG that needs nothing else. A line is broken where two runs answer different questions. */
export function historyChart(histories: readonly History[]): string {
  return `${svgText(render(<Chart histories={histories} />))}\n`;
}

interface Axes {
  x: (moment: Moment) => number;
  y: (value: number) => number;
}

function Chart({ histories }: { histories: readonly History[] }) {
  const moments = histories.flatMap((history) => history.moments);
  const times = [...new Set(moments.map(({ startedAt }) => startedAt))].sort();
  const place = scalePoint(times, [inner.left + 16, inner.right - 16]).padding(times.length === 1 ? 1 : 0);
  const axes: Axes = {
    x: ({ startedAt }) => place(startedAt)!,
    y: scaleLinear([0, 1], [inner.bottom, inner.top]),
  };
  const every = Math.ceil(times.length / mostLabels);
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${size.width} ${size.height + 10 + 18 * histories.length}`}
      role="img"
      aria-label="Accuracy under the worst attack, run by run"
    >
      <style>{style}</style>
      <rect class="ground" width="100%" height="100%" />
      {[0, 0.25, 0.5, 0.75, 1].map((value) => (
        <g key={value}>
          <line class="grid" x1={inner.left} x2={inner.right} y1={axes.y(value)} y2={axes.y(value)} />
          <text x={inner.left - 6} y={axes.y(value) + 4} text-anchor="end">
            {percent(value).replace('.0', '')}
          </text>
        </g>
      ))}
      <line class="base" x1={inner.left} x2={inner.right} y1={inner.bottom} y2={inner.bottom} />
      {times.map((time, i) =>
        i % every === 0 || i === times.length - 1 ? (
          <text
            key={time}
            text-anchor="end"
            transform={`translate(${place(time)!} ${inner.bottom + 16}) rotate(-40)`}
          >
            {moments.find(({ startedAt }) => startedAt === time)!.label}
          </text>
        ) : null,
      )}
      {histories.map((history, i) => (
        <Curve
          key={`${history.spec} ${history.victim} ${history.threat}`}
          history={history}
          look={i}
          axes={axes}
        />
      ))}
      <text x={inner.left} y={size.height - 8}>
        accuracy under the worst attack (of an autoencoder, the share that held), with 95 % intervals
      </text>
    </svg>
  );
}

function Curve({
  history: { spec, victim, threat, moments },
  look,
  axes: { x, y },
}: {
  history: History;
  look: number;
  axes: Axes;
}) {
  const colour = colours[look % colours.length];
  const path = line<Moment>(x, ({ value }) => y(value));
  const top = size.height + 6 + 18 * look;
  return (
    <g class="series" stroke={colour} fill="none" stroke-width="1.8">
      {segments(moments).map((part) => (
        <path key={part[0].startedAt} d={path(part) ?? ''} stroke-dasharray={dashes[look % dashes.length]} />
      ))}
      {moments.map((moment) => (
        <g key={moment.startedAt}>
          {moment.interval && (
            <line
              x1={x(moment)}
              x2={x(moment)}
              y1={y(moment.interval[0])}
              y2={y(moment.interval[1])}
              opacity="0.5"
            />
          )}
          <circle cx={x(moment)} cy={y(moment.value)} r="3.5" fill={colour} stroke="none">
            <title>{`${moment.label}: ${percent(moment.value)} by ${moment.by}, n = ${moment.n}`}</title>
          </circle>
        </g>
      ))}
      <line
        x1={inner.left}
        x2={inner.left + 28}
        y1={top + 4}
        y2={top + 4}
        stroke-dasharray={dashes[look % dashes.length]}
      />
      <text x={inner.left + 36} y={top + 8} stroke="none">
        {victim}, {threat}; {spec}
      </text>
    </g>
  );
}

/** Runs of moments that answer the same question. */
function segments(moments: readonly Moment[]): Moment[][] {
  const parts: Moment[][] = [];
  for (const moment of moments) {
    if (moment.changed || parts.length === 0) parts.push([]);
    parts.at(-1)!.push(moment);
  }
  return parts;
}
