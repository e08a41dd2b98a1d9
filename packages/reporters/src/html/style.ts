/** Of the series of a plot, on light ground. */
export const seriesColours = [
  '#0072b2',
  '#b34700',
  '#00795a',
  '#a34a84',
  '#806000',
  '#2a7fb8',
  '#444',
  '#8a1c1c',
];

const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 4', '12 4', '1 2', '6 2 1 2 1 2'];

/** How lines, bands and marks look; `colour` of a series, and of what is behind it. */
export const lineStyles = (colour: (look: number) => string, ground: string): string =>
  [
    '.line { fill: none; stroke-width: 1.8; } .band { stroke: none; opacity: .16; }',
    `.mark { stroke: ${ground}; stroke-width: 1; }`,
    ...dashes.map(
      (dash, look) =>
        `.line.s${look} { stroke: ${colour(look)};${dash && ` stroke-dasharray: ${dash};`} } .mark.s${look}, .band.s${look} { fill: ${colour(look)}; }`,
    ),
  ].join('\n');

/** Colours are Okabe and Ito's, which people with any colour vision can tell apart, darker on light ground. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1a1a; --dim: #595959; --ground: #fff; --raised: #f4f4f2; --edge: #c9c9c4; --link: #00528a;
  --pass: #006a4e; --fail: #b3261e; --inconclusive: #7a4f00;
  ${seriesColours.map((colour, look) => `--s${look}: ${colour};`).join(' ')} }
@media (prefers-color-scheme: dark) { :root { --ink: #ececea; --dim: #a8a8a4; --ground: #161618; --raised: #202024; --edge: #45454a; --link: #8cc8ff;
  --pass: #5fd3a8; --fail: #ff8a80; --inconclusive: #ffc861;
  --s0: #56b4e9; --s1: #ff9d5c; --s2: #4fd1a5; --s3: #e59fc8; --s4: #f0e442; --s5: #9ad0f5; --s6: #d0d0d0; --s7: #ff8a8a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin: 2rem 0 .75rem; border-bottom: 1px solid var(--edge); }
h3 { font-size: 1.05rem; margin: 1rem 0 .25rem; } h2, .target, .cell { scroll-margin-top: 5rem; }
footer { margin-top: 2rem; border-top: 1px solid var(--edge); padding: .5rem 0; } nav ul { list-style: none; padding: 0; margin: .75rem 0 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; } .headline { font-size: 1.75rem; line-height: 1.2; margin-right: .3rem; } h4 { font-size: .9rem; margin: 0; }
a { color: var(--link); } p { margin: .25rem 0; } code { font-size: .8rem; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
.dim, .hint, figcaption, caption { color: var(--dim); font-size: .875rem; }
.verdict { display: inline-block; border: 1.5px solid currentColor; border-radius: .25rem; padding: 0 .4rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.verdict.pass { color: var(--pass); } .verdict.fail { color: var(--fail); } .verdict.inconclusive { color: var(--inconclusive); border-style: dashed; } .verdict.measured { border-style: dotted; } .verdict.worked { color: var(--link); } .verdict.weak { color: var(--fail); border-style: dashed; }
.cards { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem; }
.card { background: var(--raised); border-left: .3rem solid var(--edge); padding: .25rem 1rem .75rem; border-radius: .25rem; }
.card.pass { border-color: var(--pass); } .card.fail { border-color: var(--fail); } .card.inconclusive { border-color: var(--inconclusive); }
.card h3 { margin-top: .5rem; } .card ul { padding-left: 1rem; }
.scroll { overflow-x: auto; margin: .5rem 0; } table { border-collapse: collapse; font-size: .875rem; overflow-wrap: normal; }
caption { text-align: left; padding: .25rem 0; max-width: calc(100vw - 2rem); } th, td { padding: .2rem .45rem; text-align: left; border-bottom: 1px solid var(--edge); vertical-align: top; }
th { font-weight: 600; } td.nowrap { white-space: nowrap; } td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody th, td.victim { min-width: 5rem; max-width: 16rem; overflow-wrap: break-word; }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: left; white-space: nowrap; }
th button::after { content: ' ↕'; color: var(--dim); } th[aria-sort=ascending] button::after { content: ' ↑'; } th[aria-sort=descending] button::after { content: ' ↓'; }
.above { display: none; } .interval { color: var(--dim); }
.cell { border-top: 1px solid var(--edge); padding: .4rem 0; } .cell:first-of-type { border-top: 0; } .cell h3 { display: inline; margin: 0; } .reasons { margin: .4rem 0; }
.copy { display: none; } .scripted .copy { display: inline; } .copy { float: right; font: inherit; font-size: .75rem; font-weight: 400; color: var(--link); background: none; border: 1px solid var(--edge); border-radius: .25rem; cursor: pointer; }
.gallery { list-style: none; padding: 0; margin: .5rem 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem; }
.gallery li { background: var(--raised); padding: .6rem; border-radius: .25rem; font-size: .875rem; }
.views { display: grid; grid-template-columns: repeat(3, 1fr); gap: .4rem; margin: .3rem 0; } .views figure { margin: 0; }
.views figcaption { font-size: .75rem; line-height: 1.2; } img { image-rendering: pixelated; display: block; width: 100%; height: auto; border: 1px solid var(--edge); }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; } .plots figure { margin: .5rem 0; width: 22rem; max-width: 100%; } .hint { font-size: .8rem; }
.plot { width: 100%; height: auto; display: block; }
.plot text { fill: var(--dim); font-size: 11px; } .grid line { stroke: var(--edge); stroke-width: .5; } .base { stroke: var(--dim); }
.legend { list-style: none; padding: 0; margin: .25rem 0; display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .8rem; } .legend svg { vertical-align: middle; margin-right: .3rem; }
.bar { fill: var(--s0); }
.level { stroke: var(--dim); stroke-dasharray: 1 4; stroke-width: 1.5; }
${lineStyles((look) => `var(--s${look})`, 'var(--ground)')}
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: .2rem 1rem; font-size: .875rem; }
.facts div { display: flex; gap: .5rem; } dt { color: var(--dim); } dd { margin: 0; }
summary { cursor: pointer; font-size: .875rem; }
@media (max-width: 30rem) { body { padding: .6rem; } .cards { grid-template-columns: 1fr; } td.victim, table:has(td.victim) thead th:first-child { display: none; } .above { display: block; font-weight: 400; } .interval { display: block; } th, td { padding: .2rem .35rem; } }
`;
