import type { GraphBuilder, ValueType } from '../graph/builder';
import type { Attributes, Value } from '../graph/graph';
import type { OpName } from '../graph/ops';

/** A node with one result that is about to be added to the graph. */
export interface Draft {
  readonly op: OpName;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly type: ValueType;
}

/** Gives what can stand in place of `draft`, or null. What it builds goes through all rules again. */
export type Rule = (b: GraphBuilder, draft: Draft) => Value | null;
