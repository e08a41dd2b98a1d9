import { verdicts } from '../verdict.mjs';

/** A number with four digits that matter. */
export const number = (value) => (value === undefined ? '–' : String(Number(value.toPrecision(4))));

export const percent = (value) => (value === undefined ? '–' : `${Number((100 * value).toPrecision(4))} %`);

/** To a hundredth of a per cent: of what is nearly nothing the digits say nothing. */
export const roughly = (value) => (value === undefined ? '–' : `${Number((100 * value).toFixed(2))} %`);

/** A published share, which may be words. */
export const shareOrWords = (value) => (typeof value === 'number' ? percent(value) : (value ?? '–'));

/** With the sign that says whether it became better. */
export const change = (value) => {
  const size = Math.abs(100 * value).toFixed(1);
  return `${size === '0.0' ? '' : value > 0 ? '+' : '−'}${size} %`;
};

/** Mean ± standard deviation. */
export const spread = ({ n, mean, std } = { n: 0 }) =>
  n === 0 ? '–' : std === undefined ? number(mean) : `${number(mean)} ± ${number(std)}`;

export const between = ([low, high], show = number) => `[${show(low)}, ${show(high)}]`;

/** A share with its interval. */
export const shareOf = ({ n, share, interval }) =>
  n === 0 ? '–' : `${percent(share)} ${between(interval.map((x) => 100 * x))}`;

export const table = (head, align, rows) =>
  [head, align.map((right) => (right ? '---:' : '---')), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

/** Said of a row whose model was trained more than once, where it was missing: rounding makes another model of the same seed. */
export const severalTrainings = (trainings = 1) =>
  trainings > 1 ? [`over ${trainings} trainings of the same seed`] : [];

/** Said where the paper's number lies in an interval too wide to speak of agreement. */
export const tooWide = (what, published, interval, verdict) =>
  typeof published === 'number' && interval && verdict === verdicts.unknown
    ? [`the interval of the ${what} is ${Math.round(100 * (interval[1] - interval[0]))} points wide`]
    : [];
