import { expect, it } from 'vitest';
import { compiler, tslabRequire } from '../../src/notebook/tslab';
import { loadConverter } from '../../src/notebook/worker/load-converter';

it("leaves the package semver to cells, of which tslab's converter needs one function", () => {
  compiler();
  expect(typeof loadConverter().createConverter).toBe('function');
  const semver = tslabRequire('semver') as { satisfies(version: string, range: string): boolean };
  expect(semver.satisfies('1.2.3', '^1.0.0')).toBe(true);
  expect(semver.satisfies('2.0.0', '^1.0.0')).toBe(false);
});
