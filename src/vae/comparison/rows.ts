import { pairedDifference } from '../evaluation/paired';
import type { KeptScores } from './kept-scores';
import type { ComparedPrior } from './options';
import { asPublished, type ComparedSettings, type Contender } from './protocol';

/** One prior and the scores of its model. */
export interface ScoredPrior {
  readonly contender: Contender;
  readonly scores: KeptScores;
}

/** Makes the rows of the comparison. The first prior is what the others gain over. */
export function comparedRows(scored: readonly ScoredPrior[], settings: ComparedSettings): ComparedPrior[] {
  const isPublished = asPublished(settings);
  return scored.map(({ contender: { name, label, published }, scores: { report, warnings, logLikelihood } }) => ({
    name,
    prior: label,
    ...report,
    gain: pairedDifference(scored[0]?.scores.logLikelihood ?? [], logLikelihood),
    published: isPublished ? published : null,
    warnings,
  }));
}
