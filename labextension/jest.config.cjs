module.exports = {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/src'],
  testRegex: '/__tests__/.*\\.spec\\.ts$',
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transform.cjs' },
  restoreMocks: true
};
