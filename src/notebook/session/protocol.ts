import type { MimeBundle } from '../../display';

export interface CellError {
  /** The error's class name, e.g. `RangeError`; `TypeScriptError` when the cell does not compile. */
  readonly ename: string;
  readonly evalue: string;
  /** Lines ready to print, with ANSI colours, pointing at the cell's own TypeScript. */
  readonly traceback: readonly string[];
}

/** What a cell shows, as it happens. `display_id` ties an update to the displays it replaces. */
export type CellOutput =
  | { readonly type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'display_data'; readonly data: MimeBundle; readonly metadata: object; readonly displayId?: string }
  | {
      readonly type: 'update_display_data';
      readonly data: MimeBundle;
      readonly metadata: object;
      readonly displayId: string;
    }
  | { readonly type: 'execute_result'; readonly data: MimeBundle; readonly metadata: object }
  | ({ readonly type: 'error' } & CellError)
  | { readonly type: 'clear_output'; readonly wait: boolean };

/** What code of a cell says to the front end over a comm. */
export type CommNews =
  | {
      readonly type: 'comm_open';
      readonly id: string;
      readonly target: string;
      readonly data: object;
      readonly metadata: object;
    }
  | { readonly type: 'comm_msg'; readonly id: string; readonly data: object }
  | { readonly type: 'comm_close'; readonly id: string }
  /** Whether messages of this comm pass a running cell. */
  | { readonly type: 'comm_urgent'; readonly id: string; readonly is: boolean };

/** What the front end says over a comm. */
export interface CommMessage {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly closes: boolean;
}

export interface PagerPayload {
  readonly source: 'page';
  readonly data: MimeBundle;
  readonly start: 0;
}

export type UserExpressionResult =
  | { readonly status: 'ok'; readonly data: MimeBundle; readonly metadata: object }
  | ({ readonly status: 'error' } & CellError);

export type ExecuteReply =
  | {
      readonly status: 'ok';
      readonly payload: readonly PagerPayload[];
      readonly userExpressions: Readonly<Record<string, UserExpressionResult>>;
    }
  | ({
      readonly status: 'error';
      /** True when the process that ran the cell is gone, and with it every variable. */
      readonly restarted?: boolean;
    } & CellError);

export interface CompleteReply {
  /** UTF-16 offsets into the code. */
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
}

export interface InspectReply {
  /** Plain text about the name at the cursor, or null where there is none. */
  readonly text: string | null;
}

export interface IsCompleteReply {
  readonly status: 'complete' | 'incomplete' | 'invalid' | 'unknown';
  readonly indent?: string;
}

interface CodeAtCursor {
  readonly code: string;
  /** UTF-16 offset into the code. */
  readonly cursor: number;
}

/** What the session asks of the process that runs the cells. */
export interface WorkerQuestions {
  readonly execute: {
    readonly code: string;
    readonly count: number;
    readonly silent: boolean;
    readonly allowStdin: boolean;
    readonly userExpressions: Readonly<Record<string, string>>;
  };
  readonly complete: CodeAtCursor;
  readonly inspect: CodeAtCursor;
  readonly isComplete: { readonly code: string };
  /** Messages that came together: they are all heard before what they ask for is computed, once. */
  readonly comm: { readonly messages: readonly CommMessage[]; readonly urgent: boolean };
  /** Aborts the running cell's signal. The answer shows that no code holds the process up. */
  readonly interrupt: object;
  /** What goes on although no cell runs. */
  readonly unfinished: object;
}

export type Question = keyof WorkerQuestions;

/** One question on its way; the reply carries the same id. */
export type WorkerRequest<K extends Question = Question> = {
  readonly [Kind in K]: { readonly kind: Kind; readonly id: number } & WorkerQuestions[Kind];
}[K];

export interface WorkerReplies {
  readonly execute: ExecuteReply;
  readonly complete: CompleteReply;
  readonly inspect: InspectReply;
  readonly isComplete: IsCompleteReply;
  readonly comm: null;
  readonly interrupt: null;
  readonly unfinished: readonly string[];
}

/** What that process reports, one JSON line each. `cell` is the id of the execute request that the output belongs to. */
export type WorkerEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'output'; readonly cell: number; readonly output: CellOutput }
  /** `answers` is the place, among the messages that question `cell` has brought, of the one that this answers. */
  | { readonly kind: 'comm'; readonly cell: number; readonly answers?: number; readonly news: CommNews }
  | { readonly kind: 'reply'; readonly id: number; readonly value: WorkerReplies[Question] }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  /** The compiler begins or ends: between the two, no code of a cell runs, and nothing can be answered. */
  | { readonly kind: 'compiling'; readonly now: boolean }
  | { readonly kind: 'input'; readonly cell: number; readonly prompt: string; readonly password: boolean };

/** The answer to `prompt()`, as one JSON line. */
export interface Answer {
  readonly line: string | null;
  readonly interrupted?: boolean;
}

/** File descriptors of the worker: events leave on one, answers to `prompt()` arrive on the other. */
export const EVENT_FD = 3;
export const INPUT_FD = 4;
