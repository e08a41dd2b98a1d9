import type { CellReport } from '@gauntlet/api';
import { CorruptionPlot } from './corruption-plot.js';
import { robustnessSeries } from './curves.js';
import { Histogram } from './plots/histogram.js';
import { Lines } from './plots/lines.js';
import { Traces } from './traces.js';

/** What was found over the samples of a cell. Distances are in the norm that the attack is bounded by. */
export function CellPlots({ id, cell }: { id: string; cell: CellReport }) {
  const { outcomes, threat, traces = [] } = cell;
  const broken = outcomes.filter(({ status }) => status === 'broken');
  const norm = threat.norm === 'linf' ? 'linf' : 'l2';
  const robustness = robustnessSeries(cell);
  return (
    <div class="plots">
      {outcomes.some(({ corrupted }) => corrupted) && <CorruptionPlot id={id} cell={cell} />}
      {robustness.length > 0 ? (
        <Lines
          id={`${id}-robustness`}
          title="Robust accuracy by epsilon, in the norm of the attack, with 95 % intervals"
          hint="For each bound the share of samples that no perturbation so small was found for. Higher is more robust."
          series={robustness}
          xLabel="epsilon"
          yLabel="robust accuracy"
          range={[0, 1]}
          steps
        />
      ) : (
        <Histogram
          id={`${id}-distance`}
          title={`Distance of broken samples, ${norm === 'linf' ? 'L∞' : 'L2'}`}
          hint="Further left: less had to be changed to break the sample."
          values={numbers(broken.map((one) => one[norm]))}
          xLabel={norm === 'linf' ? 'L∞' : 'L2'}
        />
      )}
      <Histogram
        id={`${id}-mi`}
        title="Mutual information of broken samples"
        hint="Further right: the perturbed image shares more with its original."
        values={numbers(broken.map(({ mi }) => mi))}
        xLabel="MI in nats"
      />
      <Traces id={id} traces={traces} />
    </div>
  );
}

const numbers = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
