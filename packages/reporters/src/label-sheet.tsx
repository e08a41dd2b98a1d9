import type { Outcome, SampleImages } from '@gauntlet/api';
import { render } from 'preact-render-to-string';
import { contactSheet, largestChange, sheetLayout } from './contact-sheet.js';
import { changeOf } from './sample-text.js';
import { number, svgText } from './text.js';

export { sheetColumns } from './contact-sheet.js';

/** Pixels for the words beside the images and above them. */
const margin = { left: 236, top: 58 };
const style =
  'text { font: 12px sans-serif; fill: #1a1a1a; } .dim { fill: #595959; } .title { font-weight: bold; }';

interface LabelledSheet {
  title: string;
  images: SampleImages;
  bounds: readonly [number, number];
  /** Of each image. */
  outcomes: readonly Outcome[];
  classNames?: readonly string[];
}

/**
 * A contact sheet that says what it shows, as PNG: sample numbers, predictions or errors before and after, titles of columns and
 * the scale of the differences. The words need a font on the machine.
 */
export async function labelledSheet({
  title,
  images,
  bounds,
  outcomes,
  classNames,
}: LabelledSheet): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const titles = titlesOf(images);
  const { step, rise, width, height } = sheetLayout(images.indices.length, images.shape, titles.length);
  const rows = outcomes.map((outcome) => [
    `sample ${outcome.index}: ${outcome.status}`,
    ...wrapped(changeOf(outcome, classNames)),
    distances(outcome),
  ]);
  const { data, channels } = contactSheet(images, images.shape, bounds);
  const sheet = await sharp(data, { raw: { width, height, channels } })
    .toColourspace('srgb')
    .extend({ ...margin, bottom: 0, right: 0, background: '#fff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const words = (
    <svg xmlns="http://www.w3.org/2000/svg" width={sheet.info.width} height={sheet.info.height}>
      <style>{style}</style>
      <text class="title" x="8" y="18">
        {title.slice(0, Math.floor((margin.left + width) / 7))}
      </text>
      {titles.map((lines, column) =>
        lines.map((line, i) => (
          <text key={`${column} ${i}`} class="dim" x={margin.left + 4 + column * step} y={36 + 14 * i}>
            {line}
          </text>
        )),
      )}
      {rows.map((lines, row) =>
        lines.map((line, i) => (
          <text
            key={`${row} ${i}`}
            class={i === lines.length - 1 ? 'dim' : undefined}
            x="8"
            y={margin.top + row * rise + 18 + 16 * i}
          >
            {line.slice(0, mostLetters)}
          </text>
        )),
      )}
    </svg>
  );
  const overlay = Buffer.from(svgText(render(words)));
  return sharp(sheet.data, { raw: sheet.info })
    .composite([{ input: overlay }])
    .removeAlpha()
    .png()
    .toBuffer();
}

/** What fits beside an image. */
const mostLetters = 34;

/** In lines that fit, three at most. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= mostLetters) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.slice(0, 3);
}

/** Of each column, in two lines. */
function titlesOf({ clean, perturbed, cleanReconstruction, reconstruction }: SampleImages): string[][] {
  const scale = (before: Float32Array, after: Float32Array) =>
    `±${number(Number(largestChange(before, after).toPrecision(2)))}`;
  const inputs = [['original'], ['perturbed'], ['difference', scale(clean, perturbed)]];
  if (!cleanReconstruction || !reconstruction) return inputs;
  return [
    ...inputs,
    ['rebuilt from', 'the original'],
    ['rebuilt from', 'the perturbed'],
    ['difference', scale(cleanReconstruction, reconstruction)],
  ];
}

const distances = ({ l2, linf }: Outcome): string =>
  [l2 !== undefined && `L2 ${number(l2)}`, linf !== undefined && `L∞ ${number(linf)}`]
    .filter(Boolean)
    .join(', ');
