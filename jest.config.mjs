/** One configuration for every package: TypeScript through swc, packages entered by their source. */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  // This library also shows its source to whoever enters packages by theirs.
  transformIgnorePatterns: ['/node_modules/(?!(\\.pnpm/)?eventsource-parser[@/])'],
  // A limit for what hangs, not a measure of speed: the machine may be busy.
  testTimeout: 30_000,
  // Modules of a file are not always given back: a worker that has grown is replaced.
  workerIdleMemoryLimit: '1GB',
  testSequencer: './tools/jest/longest-first.mjs',
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
