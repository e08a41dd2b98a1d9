import { plain } from '../text.js';
import { seriesOf, successSeries, type Sweep } from './curves.js';
import { Lines } from './plots/lines.js';

/** ASR and mutual information along what the spec sweeps over, all attacks on one plot. */
export function Sweeps({ sweeps }: { sweeps: readonly Sweep[] }) {
  return (
    <>
      {sweeps.map((sweep, i) => {
        const param = plain(sweep.param, 40);
        return (
          <section key={`${sweep.victim} ${param}`} aria-labelledby={`sweep-${i}`}>
            <h3 id={`sweep-${i}`}>
              {plain(sweep.victim, 60)}, over {param}
            </h3>
            <div class="plots">
              <Lines
                id={`sweep-${i}-asr`}
                title={`ASR over ${param}, with 95 % intervals`}
                series={seriesOf(sweep, 'asr')}
                xLabel={param}
                yLabel="ASR"
                range={[0, 1]}
                hint="Lower is a more robust model. An attack that is worth its name does not fall as its bound grows."
              />
              <Lines
                id={`sweep-${i}-mi`}
                title={`Mutual information of broken samples over ${param}, with 95 % intervals`}
                series={seriesOf(sweep, 'mi')}
                xLabel={param}
                yLabel="MI in nats"
                hint="Higher: broken samples still look more like their originals. Only where something is broken."
              />
              <Lines
                id={`sweep-${i}-cost`}
                title="ASR by gradient evaluations, each attack at its largest value"
                series={successSeries(sweep)}
                xLabel="gradient evaluations"
                yLabel="ASR"
                range={[0, 1]}
                hint="The further left a curve rises, the less the attack had to spend; a last step at the right edge says that more effort may break more."
                steps
              />
            </div>
          </section>
        );
      })}
    </>
  );
}
