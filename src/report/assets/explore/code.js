// The code that gives what the page to play with shows.
(() => {
  const written = (normal) =>
    normal.covariance
      ? `MultivariateNormal.full(${JSON.stringify(normal.mean)}, ${JSON.stringify(normal.covariance)})`
      : `MultivariateNormal.diagonal(${JSON.stringify(normal.mean)}, ${JSON.stringify(normal.stddev)})`;
  const writtenMixture = (given) =>
    given.type === 'normal'
      ? written(given)
      : `new GaussianMixture(${JSON.stringify(given.weights)}, [\n${given.components.map((one) => `  ${written(one)},\n`).join('')}])`;
  const codeOf = (
    { q, p },
    { draws, seed },
  ) => `import { estimateKl, GaussianMixture, klBounds, MultivariateNormal, quadratureKl } from 'gmm-vae';

const q = ${writtenMixture(q)};
const p = ${writtenMixture(p)};
console.log(quadratureKl(q, p), klBounds(q, p));
console.log(estimateKl(q, p, { estimator: 'best', samples: ${draws}, seed: ${seed} }));`;

  window.gmmVae.explore = { ...window.gmmVae.explore, codeOf };
})();
