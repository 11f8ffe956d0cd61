import type { RandomState } from '../math/random';
import type { ControlSpec } from './controls';
import type { Frames } from './frames';

/** A value in JSON: as it is where JSON has it, else by what it is; `ref` names one of the program's nodes. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | { readonly number: string }
  | { readonly bigint: string }
  | { readonly undefined: true }
  | { readonly ref: number };

/** An object that a program carries; each once, however often it is named. */
export type Node =
  | { readonly kind: 'array' | 'set'; readonly items: readonly Plain[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Plain])[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Plain, Plain])[] }
  | { readonly kind: 'typed'; readonly type: TypedArrayName; readonly base64: string }
  | { readonly kind: 'date'; readonly time: Plain }
  | { readonly kind: 'distribution'; readonly portable: Plain }
  | { readonly kind: 'stream'; readonly state: RandomState }
  | { readonly kind: 'library'; readonly name: string }
  | {
      readonly kind: 'function';
      readonly source: number;
      readonly captures: readonly (readonly [string, Plain])[];
      /** Properties that the function or class has by now, whatever its source gives it. */
      readonly own?: readonly (readonly [string, Plain])[];
    };

export const TYPED_ARRAYS = [
  'Float64Array',
  'Float32Array',
  'Int32Array',
  'Uint32Array',
  'Int16Array',
  'Uint16Array',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
] as const;

export type TypedArrayName = (typeof TYPED_ARRAYS)[number];

/** A function of a notebook with all that it needs, as data: what a page can run without the notebook. */
export interface Program {
  readonly nodes: readonly Node[];
  readonly entry: Plain;
  /**
   * JavaScript of each function: an expression in which `$captured` stands for what it takes from outside, by name. To be bundled, never
   * evaluated from a string.
   */
  readonly sources: readonly string[];
}

/** The MIME type of a live cell's controls with their program, beside its widgets. */
export const LIVE_MIME = 'application/vnd.gmm-vae.live+json';

/** What stands under that type. */
export interface LiveCellData {
  readonly controls: Readonly<Record<string, ControlSpec>>;
  readonly program?: Program;
  /** Why there is no program, in one line. */
  readonly reason?: string;
  /** What a page shows in its place: pictures computed before. */
  readonly frames?: Frames;
}
