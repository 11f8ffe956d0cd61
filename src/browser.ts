// The public names that a browser can have too, by layer: `import { klDivergence, Normal } from 'gmm-vae/browser'`. They are those of
// index.ts, from the same sources, without what needs Node: threads, files, tensors, the compiler and the notebook.

// Distributions (float64)
export type { Distribution } from './distributions/distribution';
export {
  type CovarianceFloor,
  type CovarianceType,
  type FitOptions,
  type FitProgress,
  type FitStart,
  fitGaussianMixture,
  type GaussianMixtureFit,
} from './distributions/fit/fit-gaussian-mixture';
export { GaussianMixture } from './distributions/gaussian-mixture';
export { MultivariateNormal } from './distributions/multivariate-normal';
export { NoClosedFormError } from './distributions/no-closed-form';
export { Normal } from './distributions/normal';
// Errors, and plain numbers: grids, summaries, random streams
export { InvalidArgumentError, UsageError } from './errors';
// Figures: plain data, which plotly draws
export { gradientFigure } from './figures/closed-form';
export { densityFigure } from './figures/density';
export { efficiencyFigure } from './figures/efficiency';
export { estimateHistogramFigure } from './figures/estimate-histogram';
export { type DecayLine, estimatorDecayFigure } from './figures/estimator-decay';
export { type Figure, figure } from './figures/figure';
export { frameSlider } from './figures/frame-slider';
export { gradientVarianceFigure } from './figures/gradient-variance';
export type { Handle, HandleAxis, NormalControls } from './figures/handles';
export { integrandFigure } from './figures/integrand';
export { type EstimatedInterval, intervalsFigure } from './figures/intervals';
export { klSurfaceFigure } from './figures/kl-surface';
export { type LatentWalk, latentWalkFigure } from './figures/latent-walk';
export { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from './figures/mixture';
export { type MixtureKlView, mixtureKlFigure } from './figures/mixture-kl';
export { errorDecayFigure, runningEstimateFigure } from './figures/monte-carlo';
export { sandwichedEstimatesFigure, sandwichFigure } from './figures/sandwich';
export { latentScatterFigure, lossCurvesFigure } from './figures/training';
export { winnerMapFigure } from './figures/winner-map';
// The Kullback–Leibler divergence, in nats: closed forms, bounds, quadrature, estimators, gradients
export { type KlBounds, klBounds } from './kl/bounds';
export { type KlDistribution, klDivergence } from './kl/closed-form';
export { derivation, derivationGrid } from './kl/derivation';
export { derivationGradients } from './kl/derivation-gradients';
export { type EstimateKlOptions, estimateKl, type KlEstimation } from './kl/estimate-kl';
export type { EstimatorTrial } from './kl/estimators/best';
export { type EstimatorName, KL_ESTIMATORS } from './kl/estimators/table';
export {
  estimateKlGradient,
  type GradientOptions,
  type GradientSpread,
  type KlGradient,
  replicateKlGradient,
} from './kl/gradients/estimate-gradient';
export { quadratureKlGradient } from './kl/gradients/quadrature-gradient';
export { type GradientEstimatorName, KL_GRADIENT_ESTIMATORS } from './kl/gradients/terms';
export { type KlEstimate, type MonteCarloOptions, monteCarloKl } from './kl/monte-carlo';
export { quadratureKl } from './kl/quadrature';
export { replicateMonteCarloKl } from './kl/replicates';
export { runningEstimates } from './kl/running-estimates';
export { type PackedAffine, type PackedLayer, type PackedNetwork, runPacked } from './math/dense-network';
export { linspace, logspace } from './math/grid';
export { QuadratureError } from './math/quadrature';
export { RandomStream } from './math/random';
export { fitPowerLaw, type PowerLawFit } from './math/regression';
export { type Summary, summarize } from './math/summary';
