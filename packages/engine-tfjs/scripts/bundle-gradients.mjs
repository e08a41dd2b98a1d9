// @tensorflow/tfjs-core ships its gradient definitions only as files for bundlers (imports without endings), and
// registers none of them in its own bundle. This makes the one file that Node can import, beside the sources.
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const core = path.dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
await build({
  entryPoints: [path.join(core, 'dist/register_all_gradients.js')],
  outfile: path.join(import.meta.dirname, '../src/gradients.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  minifySyntax: true,
  banner: { js: '/*! Bundled from @tensorflow/tfjs-core, Copyright Google LLC, Apache-2.0. */' },
});
