import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { needing } from './needs.js';

const executablePath = [process.env.GAUNTLET_CHROMIUM ?? '', '/usr/bin/chromium'].find(
  (file) => file !== '' && existsSync(file),
);

/** Debian's `chromium`, or the one that GAUNTLET_CHROMIUM names. */
export const itWithChromium = needing('Chromium', executablePath !== undefined);

/** Runs in CI as root, where Chromium's sandbox does not. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });
