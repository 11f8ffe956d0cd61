// The public names, by layer. Everything else is free to change.

// Errors, and plain numbers: grids, summaries, random streams
export { InvalidArgumentError, UsageError } from './errors';
export { linspace, logspace } from './math/grid';
export { QuadratureError } from './math/quadrature';
export { RandomStream } from './math/random';
export { fitPowerLaw, type PowerLawFit } from './math/regression';
export { type Summary, summarize } from './math/summary';

// Distributions (float64)
export { cdf, quantile, type TailOptions } from './distributions/cumulative-distribution';
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
export { GaussianMixture, type MixtureOptions } from './distributions/gaussian-mixture';
export { type LogProbsOptions, logProbsInParallel } from './distributions/log-probs-in-parallel';
export { conditional, marginal } from './distributions/marginal';
export type { WeightScale } from './distributions/mixture-weights';
export { MultivariateNormal } from './distributions/multivariate-normal';
export { NoClosedFormError } from './distributions/no-closed-form';
export { Normal } from './distributions/normal';

// The Kullback–Leibler divergence, in nats: closed forms, bounds, quadrature, estimators, gradients
export { type KlApproximations, klApproximations } from './kl/approximations';
export { type KlBounds, klBounds } from './kl/bounds';
export { type KlDistribution, klDivergence } from './kl/closed-form';
export { closestNormal, type KlDirection } from './kl/closest-normal';
export { type IntervalCoverage, intervalCoverage, type LogRatioShape, logRatioShape } from './kl/coverage';
export { derivation, derivationGrid } from './kl/derivation';
export { derivationGradients } from './kl/derivation-gradients';
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
export { quadratureEntropy, quadratureKl } from './kl/quadrature';
export { replicateMonteCarloKl } from './kl/replicates';
export { runningEstimates } from './kl/running-estimates';
export {
  type EqualVarianceReduction,
  equalVarianceReduction,
  type SoftplusSeries,
  softplusExpectation,
  softplusSeries,
} from './kl/softplus-normal';

// Jeffreys' and the Jensen–Shannon divergence, and the entropy of a mixture, by the same methods
export type { CombinedEstimation } from './kl/combined-estimator';
export { type DivergenceName, divergence, divergenceBounds, quadratureDivergence } from './kl/divergences';
export { type EntropyBounds, entropyBounds } from './kl/entropy-bounds';
export { estimateDivergence, estimateEntropy } from './kl/estimate-combined';
export { estimateDivergenceInParallel, estimateEntropyInParallel } from './kl/estimate-combined-in-parallel';
export type { Threads } from './threads/thread-count';

// The compiler: a TensorFlow.js step as one ONNX graph
export { type CompileOptions, compile } from './compile/compile';
export { AdamNormGradOptimizer } from './compile/optimizers/adam-norm-grad';
export { AdamWOptimizer, type AdamWOptions } from './compile/optimizers/adamw';
export { clipByGlobalNorm } from './compile/optimizers/clip';
export type { CompiledStep } from './compile/step';
export { tf } from './tensors';

// Data
export { alignColumns } from './data/align-columns';
export {
  type Column,
  type DataSplit,
  type ImageSet,
  type LabelledImages,
  takeImages,
} from './data/dataset';
export { loadDigits } from './data/digits';
export { type ArrayOptions, type Frame, imagesFromArray, imagesFromFrame } from './data/from-code';
export { syntheticDigits } from './data/glyphs';
export { writePictures } from './data/formats/write-pictures';
export { intensities, meanImage } from './data/intensities';
export { type LoadedImages, type LoadOptions, loadImages } from './data/load';

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
export type { KeptBlocks } from './vae/evaluation/score-blocks';
export { type EncodeSetOptions, encodeSet } from './vae/encode-set';
export { exportDecoder, exportEncoder } from './vae/export-model';
export { type LoadedCheckpoint, loadCheckpoint } from './vae/load';
export { type PriorOptions, Vae, type VaeOptions } from './vae/model';
export { DivergenceError, type TrainingHistory, type TrainOptions, train } from './vae/training/train';
export { decode, encode, samplePrior } from './vae/inference';
export { packDecoder } from './vae/pack-decoder';
export { type PackedAffine, type PackedLayer, type PackedNetwork, runPacked } from './math/dense-network';
export type { Layers, NetworkFunction, NetworkOptions } from './vae/networks';

// Figures and tables: plain data that shows itself in a notebook
export { type AggregatedView, aggregatedPosteriorFigure } from './figures/aggregated';
export { boundGapFigure } from './figures/bound-gap';
export { gradientFigure } from './figures/closed-form';
export { controlFigure } from './figures/control';
export { type CoverageLine, coverageFigure } from './figures/coverage';
export { densityFigure } from './figures/density';
export { efficiencyFigure } from './figures/efficiency';
export { type Figure, figure } from './figures/figure';
export { gradientVarianceFigure } from './figures/gradient-variance';
export { twoGradientsFigure } from './figures/gradients';
export type { Handle, HandleAxis, NormalControls } from './figures/handles';
export { imageGrid } from './figures/image-grid';
export { integrandFigure } from './figures/integrand';
export { type EstimatedInterval, intervalsFigure } from './figures/intervals';
export { klSurfaceFigure } from './figures/kl-surface';
export { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from './figures/mixture';
export { type MixtureKlView, mixtureKlFigure } from './figures/mixture-kl';
export { estimateHistogramFigure } from './figures/estimate-histogram';
export { type DecayLine, estimatorDecayFigure } from './figures/estimator-decay';
export { errorDecayFigure, runningEstimateFigure } from './figures/monte-carlo';
export { sandwichedEstimatesFigure, sandwichFigure } from './figures/sandwich';
export { frameSlider } from './figures/frame-slider';
export { type SeedBand, type SeedSpread, seedBandsFigure, seedSpreadFigure } from './figures/sweep';
export { seriesErrorFigure } from './figures/series';
export { type Table, table } from './figures/table';
export { type LatentWalk, latentWalkFigure } from './figures/latent-walk';
export { latentScatterFigure, lossCurvesFigure } from './figures/training';
export { type DirectionsView, twoDirectionsFigure } from './figures/two-directions';
export { vaePictureFigure } from './figures/vae-picture';
export { winnerMapFigure } from './figures/winner-map';

// Live cells: controls, and what is computed from where they stand
export {
  button,
  type Control,
  type Controls,
  type ControlValues,
  checkbox,
  play,
  select,
  slider,
  text,
} from './live/controls';
export { type Interaction, interact } from './notebook/widgets/interact';

// In a notebook, and the equations (1) to (11) checked
export { clearOutput, display, interruptSignal, type LiveDisplay, liveDisplay } from './notebook/display';
export { type Progress, type ProgressOptions, withProgress } from './notebook/widgets/progress';
export { type Timed, timed, timedAsync } from './notebook/timing';
export { type ReproduceRow, reproduce } from './reproduce';
