// The public names, by layer. Everything else is free to change.

// Errors, and plain numbers: grids, summaries, random streams
export { InvalidArgumentError, UsageError } from './errors';
export { linspace, logspace } from './math/grid';
export { QuadratureError } from './math/quadrature';
export { RandomStream } from './math/random';
export { fitPowerLaw, type PowerLawFit } from './math/regression';
export { type Summary, summarize } from './math/summary';

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
export { fitGaussianMixtureInParallel, type ParallelFitOptions } from './distributions/fit/fit-in-parallel';
export { GaussianMixture } from './distributions/gaussian-mixture';
export { type LogProbsOptions, logProbsInParallel } from './distributions/log-probs-in-parallel';
export { MultivariateNormal } from './distributions/multivariate-normal';
export { NoClosedFormError } from './distributions/no-closed-form';
export { Normal } from './distributions/normal';

// The Kullback–Leibler divergence, in nats: closed forms, bounds, quadrature, estimators, gradients
export { type KlBounds, klBounds } from './kl/bounds';
export { type KlDistribution, klDivergence } from './kl/closed-form';
export { closestNormal, type KlDirection } from './kl/closest-normal';
export { type IntervalCoverage, intervalCoverage, type LogRatioShape, logRatioShape } from './kl/coverage';
export { derivation, derivationGradients, derivationGrid } from './kl/derivation';
export { type DrawOptions, estimateKlInParallel } from './kl/estimate-in-parallel';
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
export {
  type EqualVarianceReduction,
  equalVarianceReduction,
  type SoftplusSeries,
  softplusExpectation,
  softplusSeries,
} from './kl/softplus-normal';
export type { Threads } from './threads/thread-count';

// The compiler: a TensorFlow.js step as one ONNX graph
export { type CompileOptions, compile } from './compile/compile';
export type { CompiledStep } from './compile/step';
export { tf } from './tensors';

// Data
export { type DataSplit, type ImageSet, takeImages } from './data/dataset';
export { loadDigits } from './data/digits';
export { syntheticDigits } from './data/glyphs';
export { intensities, meanImage } from './data/intensities';

// The variational autoencoder (float32 tensors)
export { comparePriors } from './vae/comparison/compare-priors';
export {
  type ControlResults,
  readControlResults,
  type RungSummary,
  storedControlResults,
  summarizeControl,
} from './vae/comparison/control-results';
export type { ComparedPrior, ComparePriorsOptions } from './vae/comparison/options';
export { type Evaluation, evaluate } from './vae/evaluation/evaluate';
export { type GradientNoise, gradientNoise } from './vae/evaluation/gradient-noise';
export type { ImageScores, ImportanceOptions } from './vae/evaluation/importance';
export { pairedDifference } from './vae/evaluation/paired';
export { aggregatedPosterior, type ElboSurgery, elboSurgery, type SurgeryOptions } from './vae/evaluation/surgery';
export { type LoadedCheckpoint, loadCheckpoint } from './vae/load';
export { type PriorOptions, Vae, type VaeOptions } from './vae/model';
export { DivergenceError, type TrainingHistory, type TrainOptions, train } from './vae/training/train';
export { decode, encode, samplePrior } from './vae/inference';

// Figures and tables: plain data that shows itself in a notebook
export { type AggregatedView, aggregatedPosteriorFigure } from './figures/aggregated';
export { boundGapFigure } from './figures/bound-gap';
export { gradientFigure } from './figures/closed-form';
export { controlFigure } from './figures/control';
export { type CoverageLine, coverageFigure } from './figures/coverage';
export {
  type DecayLine,
  efficiencyFigure,
  estimatorDecayFigure,
  gradientVarianceFigure,
} from './figures/estimators';
export { type Figure, figure } from './figures/figure';
export { twoGradientsFigure } from './figures/gradients';
export { imageGrid } from './figures/image-grid';
export { integrandFigure } from './figures/integrand';
export { klSurfaceFigure } from './figures/kl-surface';
export { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from './figures/mixture';
export { errorDecayFigure, estimateHistogramFigure, runningEstimateFigure } from './figures/monte-carlo';
export { sandwichedEstimatesFigure, sandwichFigure } from './figures/sandwich';
export { seriesErrorFigure } from './figures/series';
export { slider } from './figures/slider';
export { type Table, table } from './figures/table';
export { latentScatterFigure, lossCurvesFigure } from './figures/training';
export { type DirectionsView, twoDirectionsFigure } from './figures/two-directions';
export { vaePictureFigure } from './figures/vae-picture';
export { winnerMapFigure } from './figures/winner-map';

// In a notebook, and the equations (1) to (11) checked
export { clearOutput, display, interruptSignal, type LiveDisplay, liveDisplay } from './notebook/display';
export { type Timed, timed, timedAsync } from './notebook/timing';
export { type ReproduceRow, reproduce } from './reproduce';
