import { copyFileSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { itWithChromium, openChromium } from './support/chromium.js';
import { gauntlet, temporary, writeSpec } from './support/cli.js';

const folder = temporary('html');
const file = path.join(folder, 'out', 'report.html');

beforeAll(async () => {
  const attacks = [
    { use: 'pgd', params: { steps: 5, restarts: 1 }, sweep: { epsilon: [0.05, 0.1, 0.2] } },
    { use: 'fgsm', params: { epsilon: 0.2 }, expect: { asr: { max: 0 } } },
    { use: 'minmax', params: { similarity: 'gaussian', iterations: 20 } },
    { use: 'noise', params: { epsilon: 0.2 } },
    {
      use: 'pgd',
      name: 'pgd again',
      params: { epsilon: 0.2, steps: 5, restarts: 1 },
      expect: { asr: { min: 0.5 } },
    },
  ];
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 20 } });
  const { code, stdout } = await gauntlet('run', spec, '-j', '0', '--output', path.dirname(file));
  expect([code, stdout]).toEqual([1, expect.stringContaining(file)]);
});

it('draws the curves of a sweep as a picture, too', () => {
  const { width, height } = decode(readFileSync(path.join(folder, 'out/pictures/curves-1-digits.png')));
  // Two plots beside each other, twice as fine as on the page.
  expect([width, height]).toEqual([2 * (2 * 342 + 12), 2 * (44 + 210 + 18 + 12)]);
});

it('is made again from report.json and the images alone', async () => {
  const again = path.join(folder, 'made', 'again.html');
  const { code, stdout } = await gauntlet('report', path.dirname(file), '--html', again);
  expect([code, stdout]).toEqual([0, `${again}\n`]);
  expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'));
  const missing = await gauntlet('report', folder);
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringMatching(
      /report\.json is no report of a run: there is none in that folder\. The reporter "json" writes it/,
    ),
  ]);
});

describe('in a browser', () => {
  let browser: Browser | undefined;
  const open = async (given = file, options: object = {}): Promise<{ page: Page; complaints: string[] }> => {
    browser ??= await openChromium();
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => !/^(file|data):/.test(request.url()) && complaints.push(request.url()));
    await page.goto(`file://${given}`);
    return { page, complaints };
  };
  afterAll(async () => browser?.close());

  itWithChromium('opens from disk, without complaint and without asking for anything', async () => {
    const moved = path.join(folder, 'elsewhere.html');
    copyFileSync(file, moved);
    const { page, complaints } = await open(moved);
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('test.robust.json: fail');
    expect(await page.locator('.card').textContent()).toMatch(
      /digits ✗ fail0\.0 % accuracy under linf ≤ 0\.\d+at worst, by/,
    );
    expect(await page.locator('.card').textContent()).toMatch(
      /7 cells: 1 failed, 1 in which the attack worked/,
    );
    const images = await page.locator('.gallery img').evaluateAll((all) =>
      all.map((one) => {
        const { naturalWidth, alt } = one as unknown as { naturalWidth: number; alt: string };
        return naturalWidth === 28 && alt.length > 0;
      }),
    );
    expect(images.length).toBeGreaterThan(50);
    expect(images.every(Boolean)).toBe(true);
    await page.close();
  });

  itWithChromium('runs no script but its own', async () => {
    const { page, complaints } = await open();
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.harm = 1">')`,
    );
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.harm = 1' }))`,
    );
    await page.waitForTimeout(100);
    expect(await page.evaluate('window.harm')).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
    await page.close();
  });

  itWithChromium('sorts by a column from the keyboard, and links to cells', async () => {
    const { page } = await open();
    const table = page.locator('table.sortable').first();
    const attacks = () => table.locator('tbody th').allTextContents();
    const head = table.getByRole('button', { name: 'ASR' });
    await head.focus();
    await page.keyboard.press('Enter');
    expect((await attacks())[0]).toBe('noise');
    await page.keyboard.press('Enter');
    expect((await attacks()).at(-1)).toBe('noise');
    expect(await table.locator('th[aria-sort="descending"]').textContent()).toBe('ASR [95 %]');
    // What has no value stays last either way.
    await table.getByRole('button', { name: 'L2' }).click();
    expect((await attacks()).at(-1)).toBe('noise');
    await table.getByRole('link', { name: 'fgsm' }).click();
    const target = page.locator(new URL(page.url()).hash);
    expect(await target.locator('h3').textContent()).toMatch(/digits × fgsm/);
    // A link to a folded cell unfolds it.
    await table.getByRole('link', { name: 'minmax' }).click();
    expect(await page.locator('details.cell[open] h3').allTextContents()).toEqual(['digits × minmax']);
    await page.close();
  });

  itWithChromium('begins with what failed, and folds what did not', async () => {
    const { page } = await open(file, { viewport: { width: 1280, height: 800 } });
    const titles = await page.locator('h2').allTextContents();
    expect(titles).toEqual([
      'What did not pass (1)',
      'Victims',
      'Curves',
      'Attacks',
      'Head to head',
      'Other cells (6)',
    ]);
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(titles);
    const [failed] = await page.locator('section.cell').all();
    expect(await failed.textContent()).toMatch(
      /^digits × fgsm ASR 70\.0 % of 20, linf ≤ 0\.2 ✗ fail.*expected at most 0/,
    );
    expect(await failed.locator('.gallery img:visible').count()).toBe(9);
    expect(await failed.locator('.gallery h4').first().textContent()).toMatch(/broken/);
    expect(await page.locator('details.cell').count()).toBe(6);
    expect(await page.locator('details[open]').count()).toBe(0);
    // In sight without scrolling sidewards, and six screens of 800 pixels at most.
    const wide = `[...document.querySelectorAll('.scroll')].filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth).length`;
    expect(await page.evaluate(wide)).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(6 * 800);
    await page.close();
  });

  itWithChromium('copies a command, and shows it where nothing may be copied', async () => {
    const { page } = await open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const [first, second] = await page.getByRole('button', { name: 'copy replay' }).all();
    await first.click();
    await page.getByRole('button', { name: 'copied' }).waitFor();
    const command = (await page.evaluate('navigator.clipboard.readText()')) as string;
    expect(command).toMatch(/^gauntlet replay \S+ digits\/fgsm \d+$/);
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    await second.click();
    expect(await page.locator('.gallery h4 code').textContent()).toMatch(/^gauntlet replay /);
    await page.close();
  });

  itWithChromium('fits a telephone and names its plots for screen readers', async () => {
    const { page } = await open(file, { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const tree = await page.locator('main').ariaSnapshot();
    expect(tree).toContain('img "ASR over epsilon, with 95 % intervals"');
    await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    const unfolded = await page.locator('main').ariaSnapshot();
    expect(unfolded).toContain('img "Mutual information on the way"');
    expect(tree).toContain('img "Time to success: ASR by gradient evaluations spent on each sample"');
    expect(unfolded).toMatch(/table "Pairs on the same samples/);
    // Attack, success rate and verdict need no scrolling, in this order.
    const heads = page.locator('#attacks ~ .scroll').first().locator('thead th');
    expect((await heads.allTextContents()).slice(0, 3)).toEqual(['attack', 'ASR [95 %]', 'verdict']);
    const { x, width } = (await heads.nth(2).boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(360);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    itWithChromium(`has legible text and lines, ${colorScheme}`, async () => {
      const { page } = await open(file, { colorScheme });
      const low = await page.evaluate(contrasts);
      expect(low).toEqual([]);
      await page.close();
    });
});

/** Kinds of text below a contrast of 4.5, and lines below 3, in the page as it is shown (WCAG 1.4.3 and 1.4.11). */
const contrasts = `(() => {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => { probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (colour) => { const [r, g, b] = rgb(colour).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = (node) => { for (let at = node; at; at = at.parentElement) { const { backgroundColor } = getComputedStyle(at); if (!/, 0\\)$|transparent/.test(backgroundColor)) return backgroundColor; } return 'white'; };
  const low = new Set();
  for (const node of document.querySelectorAll('body *')) {
    const style = getComputedStyle(node);
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const colour = node instanceof SVGElement ? style.fill : style.color;
    if (text && !['SCRIPT', 'title', 'desc'].includes(node.tagName) && ratio(colour, ground(node)) < 4.5) low.add(node.tagName + '.' + node.getAttribute('class') + ' ' + colour);
    if (node.matches('.line') && ratio(style.stroke, ground(node)) < 3) low.add('line ' + style.stroke);
    if (node.matches('.mark, .bar') && ratio(style.fill, ground(node)) < 3) low.add('mark ' + style.fill);
  }
  return [...low];
})()`;

it('of 1,000 samples stays small', async () => {
  const attacks = [
    { use: 'noise', params: { epsilon: 0.2 } },
    { use: 'fgsm', params: { epsilon: 0.1 } },
  ];
  const spec = writeSpec(
    folder,
    attacks,
    { dataset: { format: 'plugin', use: 'digits', params: { count: 1000 } } },
    'many.robust.json',
  );
  const output = path.join(folder, 'many');
  const { code } = await gauntlet('run', spec, '-j', '0', '--output', output);
  expect(code).toBe(0);
  expect(statSync(path.join(output, 'report.html')).size).toBeLessThan(1e6);
});
