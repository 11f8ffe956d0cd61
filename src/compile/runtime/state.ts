import type { TensorData, Value } from '../graph/graph';
import type { OrtTensor } from './session';

/** One variable as the session sees it. */
export interface StateEntry {
  /** Its name as an input of the graph. */
  readonly input: string;
  readonly value: Value;
  /** The graph's output that is its next value; null if the graph only reads it. */
  readonly next: string | null;
  readonly initial: TensorData;
}

/** Where the variables live between steps. */
export interface StateStore {
  /** What to feed for the variables. */
  feeds(): Readonly<Record<string, OrtTensor>>;
  /** What the host computes anew for each of the next steps, by input name. Default: nothing. */
  numbers?(steps: number): readonly Readonly<Record<string, OrtTensor>>[];
  /** Where the graph is to write what the store keeps; null where the session allocates. */
  fetches(): Readonly<Record<string, OrtTensor | null>>;
  /** Takes over the results of a run of so many steps; one if left out. */
  accept(results: Readonly<Record<string, OrtTensor>>, steps?: number): void;
  /** A copy of each variable's current elements, by input name. */
  read(): Promise<ReadonlyMap<string, TensorData>>;
  /** Replaces one variable. */
  write(input: string, data: TensorData): Promise<void>;
  dispose(): Promise<void>;
}
