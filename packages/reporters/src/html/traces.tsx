import type { Trace } from '@gauntlet/api';
import { Lines } from './plots/lines.js';

/** Criterion and mutual information along the way of the traced samples. */
export function Traces({ id, traces }: { id: string; traces: readonly Trace[] }) {
  const some = traces.filter(({ criterion }) => criterion.length > 1);
  if (some.length === 0) return null;
  const spent = some.some(({ gradients }) => gradients.at(-1)! > 0) ? 'gradients' : 'forwards';
  const xLabel = spent === 'gradients' ? 'gradient evaluations' : 'forward passes';
  const series = (values: (trace: Trace) => readonly (number | null)[] | undefined) =>
    some.map((trace) => ({
      name: `sample ${trace.index}`,
      points: (values(trace) ?? []).flatMap((y, i) => (y === null ? [] : [{ x: trace[spent][i], y }])),
    }));
  const information = series(({ mi }) => mi).filter(({ points }) => points.length > 1);
  return (
    <>
      <Lines
        id={`${id}-f`}
        title="The criterion on the way"
        series={series(({ criterion }) => criterion)}
        xLabel={xLabel}
        yLabel="criterion"
        hint="Each line is one sample. At or below 0 the goal is met; a line that is flat from the start had no gradient to follow."
        log={false}
        level={{ y: 0, name: 'met at or below 0' }}
      />
      {information.length > 0 && (
        <Lines
          id={`${id}-i`}
          title="Mutual information on the way"
          series={information}
          xLabel={xLabel}
          yLabel="MI in nats"
          hint="Each line is one sample. Higher: the perturbed image shares more with its original."
          log={false}
        />
      )}
    </>
  );
}
