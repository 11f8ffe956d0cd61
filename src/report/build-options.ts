import type { Notebook } from '../notebook/document/ipynb';
import type { ReproduceRow } from '../reproduce';
import type { Executed } from './executed';
import type { IndexEntry } from './index-page';
import type { Problem } from './notebook-page';

export interface BuildOptions {
  /** Paths of notebooks, in the order of the index. */
  readonly notebooks: readonly string[];
  readonly outputDir: string;
  /** Runs a notebook, or reads one that has been run. */
  readonly execute: (path: string) => Promise<Executed>;
  /** How many run at once. */
  readonly jobs: number;
  /** The rows of the front page; called once, while the notebooks run. Absent where they are none of these notebooks' business. */
  readonly reproduce?: () => readonly ReproduceRow[];
  /** Named in every title block, before those that a notebook names itself. */
  readonly authors?: readonly string[];
  /** Milliseconds since the epoch, for the index; the runs have their own. */
  readonly builtAt?: number;
  /** Leaves dates and times out, so that equal runs give equal bytes. */
  readonly reproducible?: boolean;
  /** Scripts in outputs wait for a click. */
  readonly untrusted?: boolean;
  /** Writes each notebook as Markdown too, with its pictures beside it. */
  readonly markdown?: boolean;
  /** Whether the page to play with lies beside the index. */
  readonly hasExplore?: boolean;
  /** Makes still pictures and PDFs; absent where there is no browser. */
  readonly printer?: Printer;
  readonly onReport?: (report: BuiltReport) => void;
}

/** What only a browser can do. */
export interface Printer {
  /** Puts still pictures beside the figures of an executed notebook. */
  addPictures(notebook: Notebook): Promise<unknown>;
  /** A page as PDF; absent where none is wanted. */
  readonly print?: (htmlPath: string) => Promise<Uint8Array>;
}

export interface BuiltReport {
  readonly notebook: string;
  readonly path: string;
  readonly bytes: number;
  readonly failure?: string;
  /** What the page cannot show as it was meant, e.g. maths that KaTeX refuses. */
  readonly problems: readonly Problem[];
  /** What a reader of it may miss, e.g. a live cell that stands still. */
  readonly notes: readonly Problem[];
  readonly entry: IndexEntry;
}

export interface BuildResult {
  readonly index: string;
  readonly reports: readonly BuiltReport[];
  readonly equations: readonly ReproduceRow[];
  /** Whether every notebook ran, every page shows all it should and every equation passes. */
  readonly ok: boolean;
}
