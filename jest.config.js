/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
        sourceMaps: 'inline',
      },
    ],
  },
  // The Functions worker provides this module; in tests our host does.
  moduleNameMapper: { '^@azure/functions-core$': '<rootDir>/local/functions-host/functions-core.ts' },
  // Every test closes what it opens: a handle left open must fail the run, not be killed.
  forceExit: false,
  testTimeout: 60_000,
  // Suites wait for brokers and databases most of the time: a worker per core, two on a machine of two, where the default is one.
  maxWorkers: '100%',
};
