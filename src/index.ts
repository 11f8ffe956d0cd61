// The public names, by layer. Everything else is free to change.

// Errors
export { NoClosedFormError } from './distributions/no-closed-form';
export { InvalidArgumentError } from './errors';
export { QuadratureError } from './math/quadrature';

// Numbers: grids, summaries, random streams
export { linspace, logspace } from './math/grid';
export { RandomStream } from './math/random';
export { fitPowerLaw, type PowerLawFit } from './math/regression';
export { summarize, type Summary } from './math/summary';

// Distributions (float64)
export type { Distribution } from './distributions/distribution';
export { GaussianMixture } from './distributions/gaussian-mixture';
export { MultivariateNormal } from './distributions/multivariate-normal';
export { Normal } from './distributions/normal';

// The Kullback–Leibler divergence, in nats
export { type KlBounds, klBounds } from './kl/bounds';
export { type KlDistribution, klDivergence } from './kl/closed-form';
export { derivation, derivationGradients, derivationGrid } from './kl/derivation';
export { type KlEstimate, type MonteCarloOptions, monteCarloKl } from './kl/monte-carlo';
export { quadratureKl } from './kl/quadrature';
export { replicateMonteCarloKl } from './kl/replicates';

// Figures and tables: plain data that shows itself in a notebook
export { gradientFigure, integrandFigure, klSurfaceFigure } from './figures/closed-form';
export { type Figure, figure } from './figures/figure';
export { imageGrid } from './figures/image-grid';
export { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure, sandwichFigure } from './figures/mixture';
export { errorDecayFigure, estimateHistogramFigure, runningEstimateFigure } from './figures/monte-carlo';
export { type Table, table } from './figures/table';
export { latentScatterFigure, lossCurvesFigure } from './figures/training';

// Data
export { type DataSplit, type ImageSet, takeImages } from './data/dataset';
export { loadDigits } from './data/digits';
export { syntheticDigits } from './data/glyphs';
export { intensities, meanImage } from './data/intensities';

// The variational autoencoder (float32 tensors)
export { type Evaluation, evaluate } from './vae/evaluate';
export { Vae, type VaeOptions } from './vae/model';
export { DivergenceError, type TrainingHistory, type TrainOptions, train } from './vae/train';
export { decode, encode, samplePrior } from './vae/use';

// In a notebook
export { display, type LiveDisplay, liveDisplay } from './notebook/display';
export { interruptSignal } from './notebook/display';
