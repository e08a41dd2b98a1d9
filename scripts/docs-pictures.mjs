/* global document */
// Takes the pictures of the documentation from the reports of two examples, in Chromium:
//   npm run gauntlet -- run --force examples/digits/digits.robust.yaml examples/curves
//   node scripts/docs-pictures.mjs
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { root } from './packages.mjs';

const executablePath = process.env.GAUNTLET_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** The page of an example's run, reduced by a function that runs in the browser. */
async function open(run, reduce) {
  const page = await browser.newPage({ viewport: { width: 1250, height: 900 } });
  await page.goto(pathToFileURL(path.join(root, 'examples', run, 'report.html')).href);
  await page.evaluate(reduce);
  return page;
}

const report = await open('digits/gauntlet-report/digits', () => {
  const hide = (elements) => [...elements].forEach((element) => (element.style.display = 'none'));
  for (const heading of document.querySelectorAll('main > h2')) {
    if (!['Victims', 'Head to head'].includes(heading.textContent)) continue;
    hide([heading, heading.nextElementSibling]);
  }
  for (const cell of document.querySelectorAll('.cell'))
    if (!cell.querySelector('h3').textContent.includes('minmax')) hide([cell]);
  hide(document.querySelectorAll('.skip, .cell > .plots, .cell > details, .gallery code'));
  hide(document.querySelectorAll('.gallery > li:nth-child(n + 4)'));
});
await report.screenshot({ path: path.join(root, 'docs/report.png'), fullPage: true });

const curves = await open('curves/gauntlet-report/epsilon', () =>
  [...document.querySelectorAll('h2')]
    .find(({ textContent }) => textContent === 'Curves')
    .nextElementSibling.setAttribute('id', 'picture'),
);
await curves.locator('#picture').screenshot({ path: path.join(root, 'docs/curves.png') });

await browser.close();
