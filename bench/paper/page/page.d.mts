import type { PaperOptions } from '../options.mjs';

export function writePage(options: Pick<PaperOptions, 'results' | 'page'>): Promise<void>;
