/** A variable that code declares with an initial value. */
export interface Declaration {
  readonly keyword: string;
  readonly name: string;
  /** `''` where it has none. */
  readonly annotation: string;
  /** As written, without comments and line breaks. */
  readonly initial: string;
}

/** The variables that code declares outside of brackets, in order. Patterns and names without a value are left out. */
export function declarationsIn(code: string): Declaration[] {
  return new Reader(code).all();
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const GAP = /^(?:\s|\/[/*])/;
/** Gaps with their comments, texts, words and numbers; all else character by character, but for the arrow of a function's type. */
const TOKEN =
  /(?:\s|\/\/[^\n]*|\/\*.*?\*\/)+|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[\p{ID_Continue}$]+|=>|./gsu;

type Depths = ReadonlyMap<string, 1 | -1>;

/** How far into brackets a token leads. Those of generic types are comparisons elsewhere. */
const DEPTH: Depths = bracketDepths('([{', ')]}');
const TYPE_DEPTH: Depths = bracketDepths('([{<', ')]}>');

function bracketDepths(open: string, close: string): Depths {
  return new Map([
    ...[...open].map((bracket) => [bracket, 1] as const),
    ...[...close].map((bracket) => [bracket, -1] as const),
  ]);
}

/** A statement goes on behind a line that ends with one of these, and in one that begins with it. */
const JOINING = /^[-+*/%&|^<>=?:.,]/;

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(code: string) {
    this.#tokens = code.match(TOKEN) ?? [];
  }

  all(): Declaration[] {
    const found: Declaration[] = [];
    for (let depth = 0; this.#at < this.#tokens.length; this.#at++) {
      depth += DEPTH.get(this.#token) ?? 0;
      if (depth === 0 && /^(let|const|var)$/.test(this.#token)) found.push(...this.#statement(this.#token));
    }
    return found;
  }

  get #token(): string {
    return this.#tokens[this.#at] ?? '';
  }

  /** `let a: number = 1, b = 2;`, from `let` on. */
  #statement(keyword: string): Declaration[] {
    const found: Declaration[] = [];
    do {
      const name = this.#next(DEPTH, [':', '=']);
      const annotation = this.#token === ':' ? this.#next(TYPE_DEPTH, ['=']) : '';
      const initial = this.#token === '=' ? this.#next(DEPTH, []) : '';
      if (IDENTIFIER.test(name) && initial !== '') found.push({ keyword, name, annotation, initial });
    } while (this.#token === ',');
    return found;
  }

  /** From the next token up to one of `ends`, a comma or the end of the statement outside of brackets. */
  #next(depths: Depths, ends: readonly string[]): string {
    let text = '';
    let depth = 0;
    for (this.#at++; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#token;
      depth += depths.get(token) ?? 0;
      if (depth === 0 && ([',', ';', ...ends].includes(token) || this.#endsStatement(text))) break;
      text += GAP.test(token) ? this.#gap(text) : token;
    }
    return text.trim();
  }

  /** Whether this is the line break behind the last line of a statement without a semicolon. */
  #endsStatement(before: string): boolean {
    if (!GAP.test(this.#token) || !this.#token.includes('\n')) return false;
    const last = before.trim().at(-1);
    return last !== undefined && !JOINING.test(last) && !JOINING.test(this.#tokens[this.#at + 1] ?? '');
  }

  /** Lists that were written over several lines are shown on one. */
  #gap(before: string): string {
    const atBracket = DEPTH.get(before.at(-1) ?? '') === 1 || DEPTH.get(this.#tokens[this.#at + 1] ?? '') === -1;
    return this.#token.includes('\n') && atBracket ? '' : ' ';
  }
}
