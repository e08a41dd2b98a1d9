import type { PaperOptions } from '../options.mjs';

export function writePage(
  options: Pick<PaperOptions, 'results' | 'page'> & { quick?: boolean },
): Promise<void>;
