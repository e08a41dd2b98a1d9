import { budgetText, type Metric } from '@gauntlet/api';
import type { Comparison, Pair, VictimComparison } from '@gauntlet/core';
import { unpairedText } from '../comparison.js';
import { number, percent, plain, probability, threatText } from '../text.js';
import { costPoints } from './curves.js';
import { Lines } from './plots/lines.js';
import { Head } from './table.js';

/** The attacks on each victim beside each other. */
export function Comparisons({ comparison }: { comparison: Comparison }) {
  return (
    <>
      {comparison.budget && <p>Each attack within {budgetText(comparison.budget)} a sample.</p>}
      {comparison.victims.map((one, i) => (
        <section key={i} aria-labelledby={`compare-${i}`}>
          <h3 id={`compare-${i}`}>
            {plain(one.victim, 60)}, {threatText(one.threat)}
          </h3>
          <Ranking {...one} />
          <div class="plots">
            <SuccessCurves id={`compare-${i}`} {...one} />
          </div>
          <details>
            <summary>Pairs of attacks ({one.pairs.length})</summary>
            <Pairs pairs={one.pairs} significance={comparison.significance} />
          </details>
        </section>
      ))}
      {comparison.unpaired.length > 0 && (
        <p class="dim">
          {plain(
            unpairedText(comparison.unpaired, (id) => id),
            500,
          )}
        </p>
      )}
    </>
  );
}

const show = (metric: Metric | undefined, format: (value: number) => string = number) =>
  metric?.value === undefined ? '–' : format(metric.value);
const rate = (metric: Metric | undefined) =>
  metric?.value === undefined
    ? '–'
    : `${percent(metric.value)} [${metric.interval!.map((value) => (100 * value).toFixed(0)).join(', ')}]`;

const head = [
  'rank',
  'attack',
  'ASR [95 %]',
  'n',
  'only it breaks',
  'MI',
  'SSIM',
  'L2',
  'L∞',
  'gradients',
  'forwards',
  's per sample',
];

function Ranking({ contestants, ensemble }: VictimComparison) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Attacks, strongest first">
      <table class="sortable">
        <caption>
          Attacks, strongest first; a rank is 1 and the number of attacks that are shown to be stronger
        </caption>
        <Head names={head} sortable />
        <tbody>
          {contestants.map(
            ({ rank, attack, asr, alone, mi, ssim, l2, linf, gradients, forwards, seconds }) => {
              const numbers = [mi, ssim, l2, linf, gradients, forwards, seconds];
              return (
                <tr key={attack}>
                  <td class="number" data-value={rank}>
                    {rank}
                  </td>
                  <th scope="row">{plain(attack, 40)}</th>
                  <td class="number" data-value={asr?.value ?? ''}>
                    {rate(asr)}
                  </td>
                  <td class="number" data-value={asr?.n ?? 0}>
                    {asr?.n ?? 0}
                  </td>
                  <td class="number" data-value={alone.length}>
                    {alone.length}
                  </td>
                  {numbers.map((metric, i) => (
                    <td key={i} class="number" data-value={metric?.value ?? ''}>
                      {show(metric)}
                    </td>
                  ))}
                </tr>
              );
            },
          )}
        </tbody>
        <tfoot>
          <tr>
            <td class="number">–</td>
            <th scope="row">all together</th>
            <td class="number">{rate(ensemble.asr)}</td>
            <td class="number">{ensemble.asr.n}</td>
            <td />
            <td class="number">{show(ensemble.mi)}</td>
            <td class="number">{show(ensemble.ssim)}</td>
            <td class="number">{show(ensemble.l2)}</td>
            <td colSpan={4} class="dim">
              of each sample, the attack that serves best
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function SuccessCurves({ id, contestants }: { id: string } & VictimComparison) {
  const series = contestants
    .filter(({ cost, curve }) => cost === 'gradients' && curve.length > 0)
    .map(({ attack, curve }) => ({ name: attack, points: costPoints(curve) }));
  // One gradient each, as FGSM has it, makes no curve.
  if (new Set(series.flatMap(({ points }) => points.map(({ x }) => x))).size < 2) return null;
  return (
    <Lines
      id={`${id}-success`}
      title="Time to success: ASR by gradient evaluations spent on each sample"
      series={series}
      xLabel="gradient evaluations"
      yLabel="ASR"
      range={[0, 1]}
      hint="The attack whose curve rises further left needs less effort; where two cross, it depends on the effort."
      steps
    />
  );
}

function Pairs({ pairs, significance }: { pairs: readonly Pair[]; significance: number }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Pairs of attacks">
      <table>
        <caption>
          Pairs on the same samples: McNemar’s exact test, corrected by Holm, at {number(significance)}
        </caption>
        <Head names={['first', 'second', 'only first', 'only second', 'both', 'neither', 'p', 'verdict']} />
        <tbody>
          {pairs.map(({ first, second, onlyFirst, onlySecond, both, neither, adjusted, stronger }) => (
            <tr key={`${first} ${second}`}>
              <th scope="row">{plain(first, 40)}</th>
              <td>{plain(second, 40)}</td>
              <td class="number" title={onlyFirst.slice(0, 50).join(', ')}>
                {onlyFirst.length}
              </td>
              <td class="number" title={onlySecond.slice(0, 50).join(', ')}>
                {onlySecond.length}
              </td>
              <td class="number">{both}</td>
              <td class="number">{neither}</td>
              <td class="number">{probability(adjusted)}</td>
              <td class="nowrap">
                {stronger === undefined ? (
                  'no difference shown'
                ) : (
                  <strong>{plain(stronger, 40)} is stronger</strong>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
