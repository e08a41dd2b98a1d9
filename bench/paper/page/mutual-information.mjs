import { judgeMean, judgeOrder, judgeShare } from '../verdict.mjs';
import { attacksFor, victimNames } from '../mutual-information.mjs';
import { publishedInformation } from '../published.mjs';
import { between, number, percent, severalTrainings, shareOf, spread, table, tooWide } from './format.mjs';

const labels = {
  minmax: 'MinMax, reference settings',
  'penalty-equal-steps': 'penalty, 9 searches, as many steps as MinMax',
  'penalty-reference': 'penalty, 9 searches, reference settings',
  'minmax-raised': 'MinMax, more training of Θ',
  'penalty-raised': 'penalty, 9 searches, more training of Θ',
};
const label = (name) => labels[name] ?? name.replace('pgd-', 'PGD, ε ');

const settings = ({ use, params }) =>
  use === 'pgd'
    ? '40 steps of ε / 10, to the first success'
    : [
        ...(params.searches ? [`${params.searches} × ${params.iterations}`] : [String(params.iterations)]),
        `${params.mineSteps} on Θ`,
        `rate ${params.learningRate}`,
      ].join(', ');

const grows =
  'MINE’s number grows with the training of its network and has no limit on one permutation; it compares at equal training only';

const chosen =
  'steps and rate of Θ were chosen on ten images to end near the paper’s number: only the rows beside it say something';

/** The paper's row that one of ours is held against, and the reason of the verdict. */
function againstPaper(row, papers) {
  const paper = papers?.[row.use];
  if (!paper) return ['–', '–', 'not in the paper’s table'];
  const asr = judgeShare(paper.asr, row.asr.interval);
  const mi = judgeMean(paper.mi, row.miOwn);
  const reason = row.name === 'minmax-raised' ? chosen : mi === 'agrees' ? 'at this training of Θ' : grows;
  return [
    published(paper),
    `ASR ${asr}; MI ${mi}`,
    [reason, ...tooWide('ASR', paper.asr, row.asr.interval, asr), ...severalTrainings(row.trainings)].join(
      '; ',
    ),
  ];
}

const published = ({ asr, mi }) => `${percent(asr)}, ${mi}`;

const notRun = (row, papers) => [
  row.victim,
  label(row.name),
  settings(row),
  0,
  ...Array(6).fill('–'),
  papers?.[row.use] ? published(papers[row.use]) : '–',
  'cannot be said',
  'not run',
];

const head = [
  'victim',
  'attack',
  'iterations',
  'n',
  'ASR, % [95 %]',
  'own MI',
  'yardstick MI',
  'share of I(x, x)',
  'SSIM',
  'L2',
  'paper: ASR, MI',
  'verdict',
  'reason',
];

const ofModel = ({ architecture, images, epochs, testAccuracy, tested, again = [] }) => {
  const text = `\`${architecture}\` was trained on ${images} images for ${epochs} passes: ${percent(testAccuracy)} of ${tested} test images are right.`;
  const more = `Trained again with the same seed, where the model was missing: ${again.map(percent).join(', ')}. Attacks are compared on the same model only.`;
  return `${again.length > 0 ? `${text} ${more}` : text}\n`;
};

/** The table, then what of its order holds under measures that no attack optimises. */
export function mutualInformationPart({ dataset, quick, rows, pairs, models }, figures) {
  const papers = publishedInformation[dataset];
  const victims = quick ? rows.map(({ victim }) => victim) : victimNames[dataset];
  const missing = [...new Set(victims)].flatMap((victim) =>
    attacksFor(dataset, quick)
      .filter(({ name }) => !rows.some((row) => row.victim === victim && row.name === name))
      .map(({ name, attack }) => notRun({ victim, name, ...attack }, papers)),
  );
  const lines = rows.map((row) => [
    row.victim,
    label(row.name),
    settings(row),
    row.asr.n,
    shareOf(row.asr),
    spread(row.miOwn),
    spread(row.mi),
    spread(row.miRelative),
    spread(row.ssim),
    spread(row.l2),
    ...againstPaper(row, papers),
  ]);
  return [
    ...models.map(ofModel),
    ...table(head, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [...lines, ...missing]),
    '',
    ...orders(pairs),
    ...figures.flatMap(({ file, title }) => ['', `![${title}](./${file})`]),
  ];
}

/** Sign of the difference in the paper's order: MinMax keeps more. Distances are the other way round. */
const compared = { miOwn: ['own MI', 1], mi: ['yardstick MI', 1], ssim: ['SSIM', 1], l2: ['L2', -1] };

function orders(pairs) {
  const lines = pairs.flatMap(({ victim, first, second, ...measures }) =>
    Object.entries(compared).flatMap(([key, [name, sign]]) => {
      const { n, mean, interval } = measures[key];
      if (n === 0) return [];
      const difference = interval ? `${number(mean)} ${between(interval)}` : number(mean);
      return [[victim, label(first), label(second), name, n, difference, judgeOrder(sign, interval)]];
    }),
  );
  if (lines.length === 0) return [];
  return [
    'MinMax minus another attack, on the samples that both break. The paper’s order is that MinMax keeps more: more information and similarity, a smaller distance. Own MI is what both optimise; yardstick, SSIM and L2 are optimised by none. PGD is the one with the smallest ε that breaks as many; it leaves a sample at its first success, where it has changed least.',
    '',
    ...table(
      ['victim', 'first', 'second', 'measure', 'n', 'difference [95 %]', 'the paper’s order'],
      [0, 0, 0, 0, 1, 1, 0],
      lines,
    ),
  ];
}

/** Figures of a result: what each attack keeps, and PGD over its radius beside MinMax. */
export function mutualInformationFigures({ dataset, rows }, { dots, curveBesideLevels }) {
  const victims = [...new Set(rows.map(({ victim }) => victim))];
  return victims.flatMap((victim) => {
    const mine = rows.filter((row) => row.victim === victim);
    const known = (name) => mine.filter((row) => row[name].n > 0);
    const minmax = known('mi').filter(({ use }) => use === 'minmax');
    const pgd = known('mi').filter(({ use }) => use === 'pgd');
    const perAttack = [
      ['miOwn', 'own', 'The attacks’ own estimate'],
      ['mi', 'yardstick', 'The yardstick'],
    ].flatMap(([name, short, what]) =>
      known(name).length === 0
        ? []
        : [
            {
              file: `${dataset}-${victim}-${short}.svg`,
              title: `${what}: ${dataset}, ${victim}`,
              svg: (title) =>
                dots({
                  title,
                  unit: 'nats, mean and standard deviation over broken samples (their number)',
                  rows: known(name).map((row) => ({
                    label: `${label(row.name)} (${row[name].n})`,
                    ...row[name],
                  })),
                }),
            },
          ],
    );
    const beside = ['mi', 'ssim'].flatMap((name) =>
      pgd.length < 2 || !minmax.some((row) => row[name].n > 0)
        ? []
        : [
            {
              file: `${dataset}-${victim}-minmax-pgd-${name}.svg`,
              title: `MinMax beside PGD: ${dataset}, ${victim}, ${minmax[0].asr.n} samples`,
              svg: (title) =>
                curveBesideLevels({
                  title,
                  xLabel: 'ε of PGD; beside each point the share that it breaks',
                  ...(name === 'mi' ? { yLabel: 'yardstick MI, nats' } : { yLabel: 'SSIM', largest: 1 }),
                  points: pgd
                    .filter((row) => row[name].n > 0)
                    .map((row) => ({ x: row.params.epsilon, note: percent(row.asr.share), ...row[name] })),
                  levels: minmax
                    .filter((row) => row[name].n > 0)
                    .map((row) => ({ label: `${label(row.name)}: ${percent(row.asr.share)}`, ...row[name] })),
                }),
            },
          ],
    );
    return [...perAttack, ...beside];
  });
}
