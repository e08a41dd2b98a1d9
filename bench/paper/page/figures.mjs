// Figures as SVG, readable on light and on dark pages.
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const style =
  'text{font:12px sans-serif;fill:#222;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}.g{stroke:#ddd}.a{stroke:#888}.w{stroke:#3566a8;stroke-width:2}.p{fill:#3566a8}.q{fill:none;stroke:#c2571a;stroke-width:2}.r{fill:#c2571a}.b{fill:#3566a8;opacity:.15}.v{stroke:#2f7d4f;stroke-width:2;stroke-dasharray:6 3}.c{fill:#2f7d4f;opacity:.12}';

const round = (x) => Number(x.toFixed(1));

/** Ends and steps of an axis that has all values, on round numbers. */
export function axis(values) {
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ends = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  const count = Math.round((ends[1] - ends[0]) / step);
  return {
    ends,
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((ends[0] + i * step).toPrecision(6))),
  };
}

const document = (width, height, title, body) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${escape(title)}</title><style>${style}</style><rect width="${width}" height="${height}" fill="#fff"/>${body.join('')}</svg>\n`;

const text = (x, y, content, anchor = 'start', more = '') =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${more}>${escape(content)}</text>`;
const line = (x1, y1, x2, y2, kind) =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;

/** A row for each thing: its mean as a dot, the standard deviation on both sides as a line. */
export function dots({ title, unit, rows }) {
  const [left, right, top, rowHeight] = [335, 30, 34, 26];
  const [width, height] = [765, top + rows.length * rowHeight + 44];
  const bottom = top + rows.length * rowHeight;
  const { ends, ticks } = axis(rows.flatMap(({ mean, std = 0 }) => [mean - std, mean + std]));
  const at = (value) => left + ((value - ends[0]) / (ends[1] - ends[0])) * (width - left - right);
  return document(width, height, title, [
    text(10, 20, title, 'start', ' font-weight="bold"'),
    ...ticks.flatMap((tick) => [
      line(at(tick), top, at(tick), bottom, 'g'),
      text(at(tick), bottom + 16, String(tick), 'middle'),
    ]),
    text((left + width - right) / 2, bottom + 34, unit, 'middle'),
    ...rows.flatMap(({ label, mean, std = 0 }, i) => {
      const y = top + (i + 0.5) * rowHeight;
      return [
        text(left - 10, y + 4, label, 'end'),
        line(at(mean - std), y, at(mean + std), y, 'w'),
        `<circle cx="${round(at(mean))}" cy="${round(y)}" r="4.5" class="p"/>`,
      ];
    }),
  ]);
}

/** Classes of the line and of the band of each level. */
const levelStyles = [
  ['w', 'b'],
  ['v', 'c'],
];

/**
 * A curve of means with deviations over x, each point with a note beside it, and one or two levels with their deviations as
 * bands to compare it with; no value is above `largest`.
 */
export function curveBesideLevels({ title, xLabel, yLabel, points, levels, largest = Infinity }) {
  const [left, right, top, bottom, width] = [60, 60, 50, 266, 530];
  const height = bottom + 50 + 18 * levels.length;
  const upper = ({ mean, std = 0 }) => Math.min(largest, mean + std);
  const y = axis([...points, ...levels].flatMap((one) => [one.mean - (one.std ?? 0), upper(one)]));
  const x = axis(points.map((point) => point.x));
  const atX = (value) => left + ((value - x.ends[0]) / (x.ends[1] - x.ends[0])) * (width - left - right);
  const atY = (value) => bottom - ((value - y.ends[0]) / (y.ends[1] - y.ends[0])) * (bottom - top);
  return document(width, height, title, [
    text(10, 20, title, 'start', ' font-weight="bold"'),
    ...y.ticks.flatMap((tick) => [
      line(left, atY(tick), width - right, atY(tick), 'g'),
      text(left - 8, atY(tick) + 4, String(tick), 'end'),
    ]),
    ...x.ticks.map((tick) => text(atX(tick), bottom + 16, String(tick), 'middle')),
    text((left + width - right) / 2, bottom + 36, xLabel, 'middle'),
    text(16, (top + bottom) / 2, yLabel, 'middle', ` transform="rotate(-90 16 ${(top + bottom) / 2})"`),
    ...levels.map((level, i) => {
      const [high, low] = [atY(upper(level)), atY(level.mean - (level.std ?? 0))];
      return `<rect x="${left}" y="${round(high)}" width="${width - left - right}" height="${round(low - high)}" class="${levelStyles[i][1]}"/>`;
    }),
    ...levels.flatMap(({ label, mean }, i) => [
      line(left, atY(mean), width - right, atY(mean), levelStyles[i][0]),
      line(left, bottom + 54 + 18 * i, left + 26, bottom + 54 + 18 * i, levelStyles[i][0]),
      text(left + 34, bottom + 58 + 18 * i, label),
    ]),
    `<polyline class="q" points="${points.map((p) => `${round(atX(p.x))},${round(atY(p.mean))}`).join(' ')}"/>`,
    ...points.map(
      (p) =>
        `<line x1="${round(atX(p.x))}" x2="${round(atX(p.x))}" y1="${round(atY(p.mean - (p.std ?? 0)))}" y2="${round(atY(upper(p)))}" class="q"/>`,
    ),
    // After all lines, so that the next point's does not cross a note; above and below in turn, so that notes do not meet.
    ...points.flatMap((p, i) => [
      `<circle cx="${round(atX(p.x))}" cy="${round(atY(p.mean))}" r="4" class="r"/>`,
      text(atX(p.x) + 7, atY(p.mean) + (i % 2 === 0 ? -7 : 16), p.note),
    ]),
  ]);
}
