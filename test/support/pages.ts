import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from './cli.js';

/** A fenced block of a page. */
export interface Block {
  page: string;
  /** Line of the page, from 1, that the block's text begins on. */
  line: number;
  language: string;
  text: string;
}

const generated =
  /(^|\/)(node_modules|dist|gauntlet-report|tarballs|\.git|\.vitepress)(\/|$)|^docs\/api\/|CHANGELOG\.md$/;

/** Files below a folder of the repository, by their paths from its root. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(path.join(repository, folder), { withFileTypes: true })
    .map((entry) => ({ entry, file: path.posix.join(folder, entry.name) }))
    .filter(({ file }) => !generated.test(file))
    .flatMap(({ entry, file }) => (entry.isDirectory() ? filesBelow(file) : [file]));

/** Every page that a person wrote. */
export const pages = filesBelow('.').filter((file) => file.endsWith('.md'));

export const read = (file: string) => readFileSync(path.join(repository, file), 'utf8');

const fence = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gm;

export function blocksOf(page: string, ...languages: string[]): Block[] {
  const text = read(page);
  return [...text.matchAll(fence)]
    .map(({ index, 1: indent, 2: language, 3: block }) => ({
      page,
      line: text.slice(0, index).split('\n').length + 1,
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }))
    .filter(({ language }) => languages.includes(language));
}

/** A page without its blocks; `code` says whether spans of code stay. */
export function proseOf(page: string, { code }: { code: boolean }): string {
  const prose = read(page).replaceAll(fence, (block) => block.replaceAll(/[^\n]/g, ''));
  return code ? prose : prose.replaceAll(/`[^`\n]+`/g, '');
}

/** Where a page links to, in Markdown and in the front matter of the landing page. */
export const linksOf = (page: string): string[] =>
  [...proseOf(page, { code: false }).matchAll(/\]\(([^)\s]+)\)|\blink: (\/[^\s}]*)/g)].map(
    ([, link, route]) => link ?? route,
  );

/** The anchors of a page's headings, as GitHub and VitePress make them. */
export const anchorsOf = (text: string): string[] =>
  [...text.replaceAll(fence, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s+/g, '-'),
  );
