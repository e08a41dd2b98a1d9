import { render } from 'preact-render-to-string';
import { seriesOf, type Sweep } from './html/curves.js';
import { LegendMark, LinesPlot } from './html/plots/lines.js';
import { size } from './html/plots/area.js';
import { lineStyles, seriesColours } from './html/style.js';
import { plain, svgText } from './text.js';

/** What a page says by custom properties, in colours: a picture has one look. */
const style = `text { font: 11px sans-serif; fill: #1a1a1a; } .title { font-weight: bold; font-size: 12px; }
.grid line { stroke: #c9c9c4; stroke-width: .5; } .base { stroke: #595959; }
${lineStyles((look) => seriesColours[look], '#fff')}`;

/** ASR and mutual information over what a spec sweeps, beside each other, as PNG. The words need a font on the machine. */
export async function curvePicture(sweep: Sweep): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const param = plain(sweep.param, 40);
  const plots = [
    {
      title: `ASR over ${param}`,
      yLabel: 'ASR',
      series: seriesOf(sweep, 'asr'),
      range: [0, 1] as [number, number],
    },
    { title: `MI of broken samples over ${param}`, yLabel: 'MI in nats', series: seriesOf(sweep, 'mi') },
  ].filter(({ series }) => series.length > 0);
  const [left, top, line] = [12, 44, 18];
  const height = top + size.height + line * sweep.attacks.length + 12;
  const width = plots.length * (size.width + left) + left;
  const picture = (
    <svg xmlns="http://www.w3.org/2000/svg" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <style>{style}</style>
      <rect width="100%" height="100%" fill="#fff" />
      <text class="title" x={left} y="18">
        {plain(sweep.victim, 60)}
      </text>
      {plots.map(({ title, ...plot }, i) => (
        <g key={title} transform={`translate(${left + i * (size.width + left)} ${top})`}>
          <text x="44" y="-6">
            {title}, 95 %
          </text>
          <LinesPlot id={`plot-${i}`} title={title} xLabel={param} {...plot} />
        </g>
      ))}
      {sweep.attacks.map(({ name }, i) => (
        <g key={name} transform={`translate(${left + 44} ${top + size.height + line * i})`}>
          <LegendMark look={i} />
          <text x="42" y="10">
            {plain(name, 60)}
          </text>
        </g>
      ))}
    </svg>
  );
  return sharp(Buffer.from(svgText(render(picture))), { density: 144 })
    .png()
    .toBuffer();
}
