import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { parseKlSpec } from '../../src/commands/kl/spec';

interface States {
  readAddress(): object | null;
  specOf(state: object): object;
}

/** The part of the page that reads its address, run beside an address. */
function statesAt(given: object): States {
  const window: { gmmVae?: { explore: { state: States } } } = {};
  const script = join(__dirname, '..', '..', 'src', 'report', 'assets', 'explore', 'state.js');
  const location = { hash: `#${encodeURIComponent(JSON.stringify({ draws: 64, seed: 1, ...given }))}` };
  runInNewContext(readFileSync(script, 'utf8'), { window, location });
  return window.gmmVae!.explore.state;
}

/** What the page computes for an address: null where it begins anew. */
function specAt(given: object): string | null {
  const states = statesAt(given);
  const state = states.readAddress();
  return state && JSON.stringify(states.specOf(state));
}

const normal = (mean: number) => ({ type: 'normal', mean: [mean], stddev: [1] });
const q = normal(0);
const components = [normal(-1), normal(2)];

describe('the address of the page to play with', () => {
  it('means what SPEC means to gmm-vae kl, also with logits and covariances', () => {
    const plane = (covariance: number[][]) => ({ type: 'normal', mean: [0, 1], covariance });
    const flat = { type: 'normal', mean: [0, 0], stddev: [1, 2] };
    const tilted = plane([
      [4, 0.6],
      [0.6, 1],
    ]);
    const pairs = [
      { q, p: { type: 'mixture', logits: [Math.log(3), 0], components } },
      { q, p: { type: 'mixture', logits: [-1000, -1001], components } },
      { q, p: { type: 'mixture', weights: [0.75, 0.25], components } },
      { q: flat, p: { type: 'mixture', logits: [0, 2], components: [tilted, tilted] } },
    ];
    for (const given of pairs) {
      const expected = parseKlSpec({ text: JSON.stringify(given), source: 'the test' });
      const read = parseKlSpec({ text: specAt(given)!, source: 'the page' });
      const z = Array.from({ length: expected.p.dimension }, (_, i) => 0.3 - i);
      expect(read.p.logProb(z)).toBeCloseTo(expected.p.logProb(z), 12);
    }
  });

  it('begins anew where it is no SPEC, and leaves weights below zero to be refused', () => {
    const asymmetric = {
      type: 'normal',
      mean: [0, 1],
      covariance: [
        [1, 0.5],
        [0.3, 1],
      ],
    };
    const flat = { type: 'normal', mean: [0, 0], stddev: [1, 2] };
    const none = [
      { q, p: { type: 'mixture', components } },
      { q, p: { type: 'mixture', weights: [1], components } },
      { q, p: { type: 'mixture', weights: [0.5, 0.25, 0.25], components } },
      { q, p: { type: 'mixture', weights: [0.5, 0.5], logits: [0, 0], components } },
      { q: flat, p: asymmetric },
      {
        q: flat,
        p: {
          ...flat,
          covariance: [
            [1, 0],
            [0, 1],
          ],
        },
      },
    ];
    for (const given of none) expect(specAt(given)).toBeNull();
    const text = specAt({ q, p: { type: 'mixture', weights: [-1, -3], components } })!;
    expect(() => parseKlSpec({ text, source: 'the page' })).toThrow('p.weights[0]: expected a weight ≥ 0, got -1');
  });
});
