import { InvalidArgumentError } from '../../errors';

/** A graph of a thousand steps takes minutes to make. */
export const MOST_STEPS_PER_RUN = 1000;

/** @throws InvalidArgumentError unless it is an integer from 1 to 1000 */
export function checkStepsPerRun(steps: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= MOST_STEPS_PER_RUN) return;
  throw new InvalidArgumentError('stepsPerRun', `expected an integer from 1 to ${MOST_STEPS_PER_RUN}, got ${steps}`);
}
