import { expect, it } from 'vitest';
import { loadPlugins } from './load-plugin.js';

it('knows no kind that every object has', async () => {
  for (const kind of ['__proto__', 'toString', 'constructor']) {
    // A function under each name that such a kind could be taken to ask for.
    const plugin = `{ kind: '${kind}', [Object.prototype['${kind}']]() {} }`;
    await expect(loadPlugins(`data:text/javascript,export default ${plugin}`)).rejects.toMatchObject({
      code: 'plugin-broken',
    });
  }
});
