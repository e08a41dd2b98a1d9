// Imports run one way. `npm run lint` holds them there; docs/design.md shows the rooms.
const packages = {
  api: [],
  'onnx-gradient': [],
  'engine-tfjs': ['api'],
  'engine-onnx': ['api', 'engine-tfjs', 'onnx-gradient'],
  core: ['api', 'engine-onnx', 'engine-tfjs'],
  'mutual-information': ['api', 'onnx-gradient'],
  testing: ['api', 'core', 'engine-tfjs'],
  'attacks-standard': ['api'],
  'attacks-corruptions': ['api'],
  'attacks-minmax': ['api', 'mutual-information'],
  'attacks-uae': ['api', 'mutual-information', 'attacks-minmax'],
  zoo: ['api', 'core'],
  reporters: ['api', 'core'],
  retraining: ['api', 'core', 'reporters', 'zoo'],
  queue: ['api', 'core', 'onnx-gradient'],
  cli: [
    'api',
    'core',
    'mutual-information',
    'attacks-standard',
    'attacks-corruptions',
    'attacks-minmax',
    'attacks-uae',
    'reporters',
    'queue',
    'retraining',
    'zoo',
  ],
  vitest: [
    'api',
    'core',
    'attacks-standard',
    'attacks-corruptions',
    'attacks-minmax',
    'attacks-uae',
    'reporters',
    'cli',
  ],
};

/** Rooms of core, each with the rooms that it may look into. */
const rooms = {
  plugins: [],
  engines: ['plugins'],
  datasets: ['plugins'],
  victims: ['engines', 'plugins'],
  '1-spec': ['plugins', 'engines', 'datasets', 'victims'],
  store: ['datasets'],
  '3-worker': ['1-spec', 'plugins', 'engines', 'datasets', 'victims', 'store'],
  '2-plan': ['1-spec', '3-worker', 'plugins', 'engines', 'victims', 'store'],
  '4-judge': ['1-spec', '2-plan', '3-worker', 'plugins', 'store', 'victims'],
  '3-run': ['1-spec', '2-plan', '3-worker', '4-judge', 'engines', 'plugins', 'store', 'victims'],
  compare: ['2-plan', '4-judge'],
  report: ['1-spec', '4-judge', 'compare'],
};

const source = (name) => `^packages/${name}/src/`;
/** Tests may look anywhere. */
const tests = '\\.(test|test-support)\\.tsx?$';

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-circle-of-folders', severity: 'error', scope: 'folder', from: {}, to: { circular: true } },
    ...Object.entries(packages).map(([name, allowed]) => ({
      name: `${name}-imports`,
      comment: `${name} may import ${allowed.join(', ') || 'no other package'}.`,
      severity: 'error',
      from: { path: source(name) },
      to: {
        path: '^packages/[^/]+/',
        pathNot: [`^packages/${name}/`, ...allowed.map((one) => `^packages/${one}/`)],
      },
    })),
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `core-${room}-imports`,
      comment: `core/src/${room} may import ${allowed.join(', ') || 'no other room'}.`,
      severity: 'error',
      from: { path: `^packages/core/src/${room}/` },
      to: {
        path: '^packages/core/src/[^/]+/',
        pathNot: [`^packages/core/src/${room}/`, ...allowed.map((one) => `^packages/core/src/${one}/`)],
      },
    })),
    {
      name: 'core-rooms-below-run',
      comment: 'run.ts puts the rooms together and index.ts shows them; no room looks up at either.',
      severity: 'error',
      from: { path: '^packages/core/src/[^/]+/' },
      to: { path: '^packages/core/src/(run|index)[.]ts$' },
    },
    {
      name: 'api-is-everywhere',
      comment: 'The contract says nothing of Node, so that it can be read and used anywhere.',
      severity: 'error',
      from: { path: source('api') },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    includeOnly: { path: ['^packages/[^/]+/src/', '^node:', '^(fs|path|os|crypto)'] },
    exclude: { path: ['/dist/', '\\.d\\.ts$', tests] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['gauntlet-source', 'types', 'import', 'default'],
    },
  },
};
