import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repository, temporary } from './support/cli.js';
import { type Help, readHelp, wrongCalls } from './support/command-line.js';
import { anchorsOf, blocksOf, filesBelow, linksOf, pages, proseOf, read } from './support/pages.js';
import { specErrors, specOf } from './support/spec-blocks.js';
import { typeErrors } from './support/type-check.js';

/** What `npm run` knows where a page belongs: in the repository's root, and in the page's package. */
function scriptsFor(page: string): string[] {
  const manifests = [
    'package.json',
    ...(page.startsWith('packages/') ? [path.join(path.dirname(page), 'package.json')] : []),
  ];
  return manifests.flatMap((file) =>
    Object.keys((JSON.parse(read(file)) as { scripts?: object }).scripts ?? {}),
  );
}

describe('links', () => {
  const api = temporary('api');

  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs-api.mjs', api], {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  }, 300_000);

  /** The file that a link of a page leads to. The API reference is not in the repository: it was just written elsewhere. */
  function target(page: string, link: string): string {
    const file = link.startsWith('/') ? path.join('docs', link) : path.join(path.dirname(page), link);
    const inApi = path.relative('docs/api', file);
    const whole = inApi.startsWith('..') ? path.join(repository, file) : path.join(api, inApi);
    const candidates = [whole, `${whole}.md`, path.join(whole, 'index.md')];
    return candidates.find((one) => statSync(one, { throwIfNoEntry: false })?.isFile()) ?? whole;
  }

  it.each(pages)('%s: all lead somewhere', (page) => {
    const broken = linksOf(page).filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [place, anchor] = link.split('#', 2);
      const file = place === '' ? path.join(repository, page) : target(page, place);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('every page of the site is to be found from the README or the list of decisions', () => {
    const linked = linksOf('README.md').map((link) => path.join('.', link));
    const lost = pages.filter(
      (page) => /^docs\/(guide|plugins|concepts)\//.test(page) && !linked.includes(page),
    );
    expect(lost).toEqual([]);
  });
});

describe('blocks', () => {
  let help: Help;
  beforeAll(async () => {
    help = await readHelp();
  }, 300_000);

  it('of TypeScript and JavaScript compile', () => {
    const blocks = pages.flatMap((page) => blocksOf(page, 'ts', 'js'));
    expect(blocks.length).toBeGreaterThan(5);
    expect(typeErrors(blocks)).toEqual([]);
  });

  const yaml = pages.flatMap((page) => blocksOf(page, 'yaml'));

  it('of YAML are specs, parts of specs, or jobs of a CI', async () => {
    const errors: string[] = [];
    for (const block of yaml) {
      const spec = specOf(block);
      if (spec) errors.push(...(await specErrors(block, spec)));
      else if (!isJob(block.text)) errors.push(`${block.page}:${block.line}: neither a spec nor a job`);
    }
    expect(errors).toEqual([]);
  });

  it('call the command line as it is', () => {
    const jobs = [...yaml.filter((block) => !specOf(block)), ...ciExamples()];
    const shell = pages.flatMap((page) => blocksOf(page, 'sh'));
    expect(shell.length).toBeGreaterThan(10);
    const wrong = [...shell, ...jobs].flatMap(({ page, line, text }) =>
      [...wrongCalls(text, help), ...wrongScripts(page, text)].map((what) => `${page}:${line}: ${what}`),
    );
    expect(wrong).toEqual([]);
  });

  it('and spans of code in the text do, too', () => {
    const known = new Set([
      ...[...help.values()].flatMap((options) => [...options]),
      '--',
      '--no',
      '--inspect-brk',
      '--repeat',
    ]);
    // The scripts of bench/ have options of their own.
    const wrong = pages
      .filter((page) => !page.startsWith('bench/'))
      .flatMap((page) =>
        [...proseOf(page, { code: true }).matchAll(/`([^`\n]+)`/g)].flatMap(([, span]) => {
          const option = /^(--[a-z-]+)( [^-]*)?$/.exec(span)?.[1];
          const unknown = option !== undefined && !known.has(option) ? [`there is no option ${option}`] : [];
          return [...wrongCalls(span, help), ...wrongScripts(page, span), ...unknown].map(
            (what) => `${page}: ${what}`,
          );
        }),
      );
    expect(wrong).toEqual([]);
  });

  it('never call for a package of ours by a name that is somebody else’s on the registry', () => {
    const text = /\.(md|ya?ml|[cm]?[jt]sx?|json)$/;
    const files = ['docs', 'examples', 'packages', 'scripts']
      .flatMap(filesBelow)
      .filter((file) => text.test(file));
    const found = [...pages, ...files].filter((file) => /npx (--\S* )*gauntlet\b/.test(read(file)));
    expect(found).toEqual([]);
    // Without a `--` before the name npx takes --help and --version for its own.
    const npms = [...pages, ...files].filter((file) => /npx (--\S+ )*@gauntlet\/cli/.test(read(file)));
    expect(npms).toEqual([]);
  });
});

describe('packages', () => {
  it.each(readdirSync(path.join(repository, 'packages')))(
    '%s says what it is, how to get it, and under which licence',
    (name) => {
      const manifest = JSON.parse(read(`packages/${name}/package.json`)) as { name: string };
      const page = read(`packages/${name}/README.md`);
      expect(page).toContain(`# ${manifest.name}\n`);
      expect(page).toContain(`npm install ${manifest.name}`);
      expect(blocksOf(`packages/${name}/README.md`, 'ts', 'sh', 'yaml').length).toBeGreaterThan(1);
      expect(read(`packages/${name}/LICENSE`)).toBe(read('LICENSE'));
    },
  );
});

/** A workflow or a part of one, of GitHub or of GitLab. */
function isJob(text: string): boolean {
  const value = parse(text) as Record<string, unknown>;
  return (
    ['jobs', 'steps', 'script'].some((key) => key in value) ||
    Object.values(value).some((job) => typeof job === 'object' && job !== null && 'script' in job)
  );
}

const ciExamples = () =>
  filesBelow('examples/ci').map((page) => ({
    page,
    line: 1,
    text: read(page)
      .replaceAll(/^\s*- (run: |>)?/gm, '')
      .replaceAll(/\n {6}(?=--)/g, ' '),
  }));

/** `npm run` of a script, and `node` of a file, that is not there. */
const wrongScripts = (page: string, text: string): string[] => [
  ...[...text.matchAll(/\b(?:npm|pnpm) run (?:--silent )?([\w:-]+)/g)]
    .filter(([, name]) => !scriptsFor(page).includes(name))
    .map(([call]) => `no script: ${call}`),
  ...[...text.matchAll(/\bnode (?:--[\w-]+ )*([\w./-]+\.m?js)\b/g)]
    .filter(([, file]) => !existsSync(path.join(repository, file)))
    .map(([call]) => `no file: ${call}`),
];
