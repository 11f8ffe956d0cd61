// What the page to play with is set to: the distributions as it edits them, as SPEC has them, and as its address keeps them.
(() => {
  /** Components of each distribution at most. */
  const MOST = 8;
  const START = {
    q: { type: 'normal', mean: [0], stddev: [1] },
    p: {
      type: 'mixture',
      weights: [0.4, 0.6],
      components: [
        { type: 'normal', mean: [-1.6], stddev: [0.7] },
        { type: 'normal', mean: [1.2], stddev: [0.8] },
      ],
    },
    draws: 1024,
    seed: 1,
  };

  /** Components as the page edits them: weight, mean, stddev and, in a plane, the correlation. */
  const componentsOf = (given) => {
    const normals = given.type === 'mixture' ? given.components : [given];
    const weights = given.type === 'mixture' ? weightsOf(given) : [1];
    if (weights.length !== normals.length) throw new Error('expected one weight for each component');
    return normals.map(({ mean, stddev, covariance }, k) => {
      if ((stddev === undefined) === (covariance === undefined)) throw new Error('expected one of the two');
      const deviations = stddev ?? covariance.map((row, i) => Math.sqrt(row[i]));
      const scale = deviations[0] * deviations[1];
      if (mean.length === 2 && covariance) checkSymmetric(covariance, scale);
      const rho = covariance && mean.length === 2 ? covariance[0][1] / scale : 0;
      return { weight: weights[k], mean: [...mean], stddev: [...deviations], rho };
    });
  };
  /** SPEC has weights or their logarithms. */
  const weightsOf = ({ weights, logits }) => {
    if ((weights === undefined) === (logits === undefined)) throw new Error('expected one of the two');
    const largest = logits && Math.max(...logits);
    return weights ?? logits.map((logit) => Math.exp(logit - largest));
  };
  /** The correlation says no more than one of the two. */
  const checkSymmetric = ([[, above], [below]], scale) => {
    if (!(Math.abs(above - below) <= 2 ** -21 * scale)) throw new Error('expected a symmetric matrix');
  };
  const normalOf = ({ mean, stddev, rho }) => {
    if (rho === 0 || mean.length === 1) return { type: 'normal', mean, stddev };
    const [a, b] = stddev;
    return {
      type: 'normal',
      mean,
      covariance: [
        [a * a, rho * a * b],
        [rho * a * b, b * b],
      ],
    };
  };
  const distributionOf = (components) => {
    if (components.length === 1) return normalOf(components[0]);
    const sum = components.reduce((total, { weight }) => total + weight, 0);
    // What no weight can be is refused as it is: divided by a negative sum it would look like one.
    const total = components.every(({ weight }) => weight >= 0) && sum > 0 ? sum : 1;
    return {
      type: 'mixture',
      weights: components.map(({ weight }) => weight / total),
      components: components.map(normalOf),
    };
  };

  const fromSpec = ({ q, p, draws, seed }) => ({ q: componentsOf(q), p: componentsOf(p), draws, seed });
  const specOf = ({ q, p }) => ({ q: distributionOf(q), p: distributionOf(p) });

  /** What the address says; null where it says nothing that this page could show. */
  function readAddress() {
    try {
      const given = JSON.parse(decodeURIComponent(location.hash.slice(1)));
      const found = fromSpec(given);
      const dimension = found.q[0].mean.length;
      const all = [...found.q, ...found.p];
      const isWhole = all.every(
        ({ weight, mean, stddev, rho }) =>
          mean.length === dimension &&
          stddev.length === dimension &&
          [weight, ...mean, ...stddev, rho].every(Number.isFinite),
      );
      const numbers = [found.draws, found.seed].every(Number.isSafeInteger) && found.draws >= 2 && found.draws <= 65536;
      return isWhole && numbers && dimension <= 2 && all.length <= 2 * MOST ? found : null;
    } catch {
      return null;
    }
  }

  let addressTimer;
  let addressAt = -Infinity;
  /** Browsers take no more than some address changes a second. */
  function keepInAddress(text) {
    const write = () => {
      addressAt = performance.now();
      history.replaceState(null, '', `#${encodeURIComponent(text)}`);
    };
    clearTimeout(addressTimer);
    const wait = addressAt + 200 - performance.now();
    if (wait > 0) addressTimer = setTimeout(write, wait);
    else write();
  }

  /** Gives every component another number of dimensions. */
  function resize(state, dimension) {
    const resized = (values, other) => (dimension === 1 ? values.slice(0, 1) : [values[0], values[1] ?? other]);
    for (const component of [...state.q, ...state.p]) {
      component.mean = resized(component.mean, 0);
      component.stddev = resized(component.stddev, 1);
      component.rho = 0;
    }
  }

  const start = () => fromSpec(START);
  const state = { MOST, start, readAddress, keepInAddress, resize, specOf };
  window.gmmVae = { ...window.gmmVae, explore: { state } };
})();
