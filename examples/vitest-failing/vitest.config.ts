// What failures look like: npx vitest run --root examples/vitest-failing
import { gauntlet } from '@gauntlet/vitest';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [gauntlet()],
  test: { include: ['*.test.ts'], testTimeout: 120_000 },
});
