import type { CellReport, Outcome } from '@gauntlet/api';
import { replayCommand } from '../replay.js';
import { changeOf } from '../sample-text.js';
import { number, plain } from '../text.js';
import { Copy } from './copy.js';
import type { Exhibit } from './images.js';

interface GalleryProps {
  exhibits: readonly Exhibit[];
  cell: CellReport;
  folder: string;
  classNames: readonly string[] | undefined;
  shape: readonly number[];
}

/** The worst samples first: what went in, what the attack made of it, what the victim says; below it what it reconstructs. */
export function GalleryView({ exhibits, cell, folder, classNames, shape: [h, w] }: GalleryProps) {
  return (
    <ol class="gallery">
      {exhibits.map(({ outcome, views }) => (
        <li key={outcome.index} class={outcome.status}>
          <h4>
            sample {outcome.index} <span class="dim">{standingOf(outcome)}</span>{' '}
            <Copy command={replayCommand(folder, cell.id, outcome.index)} label="copy replay" />
          </h4>
          <p>{changeOf(outcome, classNames)}</p>
          <div class="views">
            {views.map(({ name, image }) => (
              <figure key={name}>
                <img
                  src={image}
                  alt={`${name}, sample ${outcome.index}`}
                  width={w}
                  height={h}
                  decoding="async"
                />
                <figcaption>{name}</figcaption>
              </figure>
            ))}
          </div>
          <p class="dim">{measures(outcome, cell)}</p>
        </li>
      ))}
    </ol>
  );
}

/** A family of corruptions says which one it was, an attack in stages which stage. */
const standingOf = ({ status, stage }: Outcome): string =>
  stage === undefined ? status : `${status} by ${plain(stage, 40)}`;

const times = (n: number, one: string, more: string) => `${number(n)} ${n === 1 ? one : more}`;

function measures(
  { mi, miSelf, l2, linf, gradients, forwards }: Outcome,
  { usesGradients }: CellReport,
): string {
  return [
    mi !== undefined && `MI ${number(mi)}${miSelf ? ` of ${number(miSelf)}` : ''}`,
    l2 !== undefined && `L2 ${number(l2)}`,
    linf !== undefined && `L∞ ${number(linf)}`,
    usesGradients
      ? gradients !== undefined && times(gradients, 'gradient', 'gradients')
      : forwards !== undefined && times(forwards, 'forward pass', 'forward passes'),
  ]
    .filter(Boolean)
    .join(', ');
}
