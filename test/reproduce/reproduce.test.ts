import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { reproduce } from '../../src/reproduce';
import { gmmVae } from '../command-line';

const rows = reproduce();

describe('reproduce', () => {
  it('has one passing row for each of the equations (1) to (11), in order', () => {
    expect(rows.map(({ equation }) => equation)).toEqual(Array.from({ length: 11 }, (_, i) => String(i + 1)));
    for (const { pass, measured, expected, tolerance } of rows) {
      expect(pass).toBe(true);
      expect(Math.abs(measured - expected)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('is the same every time', () => {
    expect(reproduce()).toEqual(rows);
  });

  it('has formulas that KaTeX renders, and claims that are sentences', () => {
    for (const { formula, claim } of rows) {
      expect(katex.renderToString(formula, { throwOnError: true, strict: 'error' })).toContain('katex');
      expect(claim).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('checks nothing with a tolerance that anything would pass', () => {
    for (const { tolerance, expected } of rows) expect(tolerance / Math.abs(expected)).toBeLessThan(0.01);
  });
});

describe('gmm-vae reproduce', () => {
  it('prints the rows and exits 0', async () => {
    const { code, stdout } = await gmmVae(['reproduce']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ \(1\) {2}pass/);
    expect(stdout).toMatch(/11 of 11 equations pass\n$/);
  });

  it('prints them as JSON with --json', async () => {
    const { code, stdout } = await gmmVae(['reproduce', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(rows);
  });
});
