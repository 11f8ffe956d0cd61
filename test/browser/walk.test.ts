import { readFileSync } from 'node:fs';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packDecoder, runPacked, Vae, type VaeOptions } from '../../src';
import { dragBy } from '../live/pointers';
import { reportOf } from '../live/three-figures';
import { fitsAndIsAccessible, openLiveFigure, rested, says, settled } from './live-page';
import { DESK, PHONE, startBrowser } from './pages';

const OPTIONS: VaeOptions = {
  pixels: 784,
  latent: 2,
  hidden: [100, 100],
  prior: { kind: 'standard-normal' },
  seed: 3,
};

const CELLS = [
  `import { GaussianMixture, interact, latentWalkFigure, MultivariateNormal, packDecoder, runPacked, slider, Vae } from 'gmm-vae';
const decoder = packDecoder(new Vae(${JSON.stringify(OPTIONS)}));
const prior = new GaussianMixture([0.5, 0.5], [MultivariateNormal.diagonal([-2, 1], [0.7, 0.5]), MultivariateNormal.diagonal([2, -1], [0.5, 0.7])]);`,
  `const coordinate = (value: number) => slider(-4, 4, { value, step: 0.01 });
interact({ z1: coordinate(-1.5), z2: coordinate(0.5) }, ({ z1, z2 }) =>
  latentWalkFigure({ z: [z1, z2], decode: (z) => runPacked(decoder, z), prior, from: -4, to: 4, drag: { x: 'z1', y: 'z2' } }));`,
];

let browser: Browser;
let path: string;

beforeAll(async () => {
  browser = await startBrowser();
  path = await reportOf(CELLS);
});
afterAll(() => browser?.close());

const openWalk = (device = DESK) => openLiveFigure(browser, path, { device });

/** Where the sliders are. */
const pointOf = async (live: Locator): Promise<[number, number]> => {
  const inputs = live.locator('.live-controls input');
  return [Number(await inputs.nth(0).inputValue()), Number(await inputs.nth(1).inputValue())];
};

/** The bytes of the large image. */
const imageOf = (live: Locator): Promise<number[]> =>
  live.locator('.plot').evaluate((plot) => {
    const { data } = plot as unknown as { data: { type: string; z: number[][] }[] };
    return data.find(({ type }) => type === 'heatmap')!.z.flat();
  });

describe('a walk through a latent plane in a report', () => {
  it('shows the decoder’s image of the point that is dragged, pixel by pixel', async () => {
    const { page, live, complaints, close } = await openWalk();
    const model = new Vae(OPTIONS);
    const decoder = packDecoder(model);
    const handle = live.getByRole('slider', { name: 'the point in the latent space' });
    await dragBy(page, handle, 60, 45);
    const [z1, z2] = await pointOf(live);
    expect([z1 > -1.3, z2 < 0.3]).toEqual([true, true]);
    const expected = [...runPacked(decoder, [z1, z2])].map((value) => Math.round(255 * value));
    await expect.poll(() => imageOf(live)).toEqual(expected);
    model.dispose();
    expect(complaints).toEqual([]);
    await close();
  });

  it('goes to a component by a click and by Enter', async () => {
    const { live, close } = await openWalk();
    await live.getByRole('button', { name: 'go to component 2' }).click();
    expect(await pointOf(live)).toEqual([2, -1]);
    await says(live, 'z = (2.00, −1.00), of component 2');
    await live.getByRole('button', { name: 'go to component 1' }).press('Enter');
    expect(await pointOf(live)).toEqual([-2, 1]);
    await close();
  });

  it('fits a phone, and axe finds nothing', async () => {
    for (const device of [DESK, PHONE]) {
      const { page, live, close } = await openWalk(device);
      await settled(live, () =>
        live.getByRole('slider', { name: 'the point in the latent space' }).press('ArrowRight'),
      );
      await rested(live);
      await fitsAndIsAccessible(page);
      await close();
    }
  });

  it('takes less of the page than 400 kB, decoder of 88,600 weights included', () => {
    const worker = /<script type="text\/plain" id="live-worker">([\s\S]*?)<\/script>/.exec(readFileSync(path, 'utf8'));
    expect(worker?.[1]?.length).toBeGreaterThan(200_000);
    expect(worker?.[1]?.length).toBeLessThan(400_000);
  });
});
