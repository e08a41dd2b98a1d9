import { bin } from 'd3-array';
import { number } from '../../text.js';
import { inner } from './area.js';
import { Frame } from './frame.js';
import { horizontal, vertical } from './scales.js';

interface HistogramProps {
  id: string;
  title: string;
  /** How to read it. */
  hint: string;
  values: readonly number[];
  xLabel: string;
}

/** Fewer values have no distribution to speak of, nor have those that are all but the same. */
const [fewest, leastSpread] = [8, 0.05];

/** How often values occur; nothing where that says nothing. */
export function Histogram({ id, title, hint, values, xLabel }: HistogramProps) {
  const sorted = [...values].sort((a, b) => a - b);
  if (values.length < fewest || sorted.at(-1)! - sorted[0] < leastSpread * Math.abs(sorted.at(-1)!))
    return null;
  const bins = bin().thresholds(Math.min(24, Math.ceil(2 * Math.cbrt(values.length))))([...values]);
  const x = horizontal(
    bins.flatMap(({ x0, x1 }) => [x0!, x1!]),
    false,
  );
  const y = vertical(
    bins.map(({ length }) => length),
    0,
  );
  const at = (share: number) => number(sorted[Math.round(share * (sorted.length - 1))]);
  const description = `${values.length} samples from ${at(0)} to ${at(1)}, median ${at(0.5)}.`;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Frame id={id} title={title} description={description} x={x} y={y} xLabel={xLabel} yLabel="samples">
        {bins.map(({ x0, x1, length }) =>
          length > 0 ? (
            <rect
              key={x0}
              class="bar"
              x={x(x0!) + 0.5}
              width={Math.max(1, x(x1!) - x(x0!) - 1)}
              y={y(length)}
              height={inner.bottom - y(length)}
            />
          ) : null,
        )}
      </Frame>
      <p class="hint">
        {description} {hint}
      </p>
    </figure>
  );
}
