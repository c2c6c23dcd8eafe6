import lock from '../../package-lock.json';

test('the lock names no place to install from', () => {
  expect(JSON.stringify(lock)).not.toContain('://');
});
