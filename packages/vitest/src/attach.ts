import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CellReport } from '@gauntlet/api';
import { cellName } from '@gauntlet/core';
import { plain } from '@gauntlet/reporters';
import { TestRunner, type TestContext } from 'vitest';

/** The test that runs now, where vitest tells. */
export function currentTest(): TestContext | undefined {
  const runner = TestRunner as unknown as { getCurrentTest?: () => { context?: TestContext } | undefined };
  return runner.getCurrentTest?.()?.context;
}

/** Attaches the pictures of a cell's worst samples to a test, for reporters that show attachments. */
export async function attachGallery(
  context: TestContext | undefined,
  cell: CellReport,
  output: string,
): Promise<void> {
  const file = path.join(output, 'pictures', `${cellName(cell.id)}.png`);
  if (context && existsSync(file))
    await context.annotate(`${plain(cell.id)}: original, perturbed, difference`, 'gauntlet', {
      path: file,
      contentType: 'image/png',
    });
}
