import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type DefaultTheme, type MarkdownRenderer } from 'vitepress';

const docs = path.resolve(import.meta.dirname, '..');

/** A shield. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#3451b2" d="M8 1 2 3v5c0 4 3 6 6 7 3-1 6-3 6-7V3z"/></svg>';

export default defineConfig({
  title: 'Gauntlet',
  description: 'Test the robustness of models the way you test code',
  lastUpdated: false,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }],
  ],
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/first-spec', activeMatch: '/guide/' },
      { text: 'Plugins', link: '/plugins/', activeMatch: '/plugins/' },
      { text: 'Concepts', link: '/concepts/threat-model', activeMatch: '/concepts/' },
      { text: 'Design', link: '/design', activeMatch: '/(design|decisions)' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
    ],
    sidebar: {
      '/api/': [{ text: 'Modules', items: apiModules() }],
      '/': [
        {
          text: 'Guide',
          items: pages('guide', [
            'first-spec',
            'first-hour',
            'install',
            'your-model',
            'your-data',
            'forms',
            'tables-and-sound',
            'choosing-an-attack',
            'choosing-epsilon',
            'corruptions',
            'expectations',
            'reading-the-report',
            'sharing',
            'gating-ci',
            'regression-baselines',
            'comparing-attacks',
            'vitest',
            'autoencoders',
            'encoders',
            'many-machines',
            'command-line',
            'troubleshooting',
          ]),
        },
        { text: 'Engines and devices', link: '/engines' },
        {
          text: 'Plugins',
          link: '/plugins/',
          items: pages('plugins', [
            'attack',
            'criterion',
            'dataset',
            'victim',
            'reporter',
            'estimator',
            'metric',
            'engine',
          ]),
        },
        {
          text: 'Concepts',
          items: pages('concepts', [
            'threat-model',
            'verdicts',
            'mutual-information',
            'statistics',
            'security',
            'limits',
          ]),
        },
        { text: 'The paper’s tables', link: '/paper' },
        { text: 'Design', link: '/design' },
        { text: 'Mutation testing', link: '/mutation' },
        { text: 'Decisions', collapsed: true, items: pages('decisions', decisions()) },
      ],
    },
    outline: [2, 3],
    search: { provider: 'local' },
  },
  markdown: { config: unlinkWhatIsNotPublished },
});

/** A page of the site, called by its own heading. */
function pages(folder: string, names: readonly string[]): DefaultTheme.SidebarItem[] {
  return names.map((name) => {
    const text = readFileSync(path.join(docs, folder, `${name}.md`), 'utf8');
    return { text: /^# (.*)$/m.exec(text)?.[1] ?? name, link: `/${folder}/${name}` };
  });
}

function decisions(): string[] {
  return readdirSync(path.join(docs, 'decisions'))
    .map((file) => path.basename(file, '.md'))
    .sort();
}

/** Every module of the API reference, which scripts/docs-api.mjs writes. */
function apiModules(): DefaultTheme.SidebarItem[] {
  const folder = path.join(docs, 'api');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^@.*index\.md$/.test(file))
    .map((file) => path.dirname(file))
    .sort()
    .map((name) => ({ text: name, link: `/api/${name}/` }));
}

/** Links from a page to a file of the repository work where the repository is read; the site shows their text alone. */
function unlinkWhatIsNotPublished(md: MarkdownRenderer): void {
  md.core.ruler.push('unlink', ({ tokens, env }) => {
    const page = (env as { path: string }).path;
    for (const { children } of tokens) {
      let outside = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href') ?? '';
          const target = path.resolve(path.dirname(page), href.split('#', 1)[0]);
          outside = /^\.{1,2}\//.test(href) && !target.startsWith(docs);
        }
        if (!outside || !/^link_(open|close)$/.test(token.type)) continue;
        outside = token.type === 'link_open';
        token.tag = 'span';
        token.attrs = null;
      }
    }
  });
}
