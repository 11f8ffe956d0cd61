import { expect as assert } from 'vitest';

/** One test of a suite written for Jasmine. */
export interface Spec {
  readonly file: string;
  readonly name: string;
  run(): Promise<void>;
}

type Hook = () => unknown;

interface Suite {
  readonly name: string;
  readonly parent: Suite | null;
  readonly before: Hook[];
  readonly after: Hook[];
  readonly beforeAll: Hook[];
  readonly afterAll: Hook[];
  started: boolean;
}

/** Collects the specs that `load` declares through Jasmine's globals, which exist only while it and the specs run. */
export function collectSpecs(files: ReadonlyMap<string, () => void>): readonly Spec[] {
  const specs: Spec[] = [];
  let suite = newSuite('', null);
  let file = '';
  const describe = (name: string, body: () => void): void => {
    const outer = suite;
    suite = newSuite(name, outer);
    body();
    suite = outer;
  };
  const it = (name: string, body: (done?: unknown) => unknown): void => {
    const own = suite;
    specs.push({ file, name: `${path(own)} ${name}`.trim(), run: () => runSpec(own, body) });
  };
  const skip = (): void => {};
  Object.assign(globalThis, {
    describe,
    it,
    fdescribe: describe,
    fit: it,
    xdescribe: skip,
    xit: skip,
    beforeEach: (hook: Hook) => suite.before.push(hook),
    afterEach: (hook: Hook) => suite.after.push(hook),
    beforeAll: (hook: Hook) => suite.beforeAll.push(hook),
    afterAll: (hook: Hook) => suite.afterAll.push(hook),
    expect: expectation,
    expectAsync,
    jasmine: { DEFAULT_TIMEOUT_INTERVAL: 20_000 },
  });
  for (const [name, load] of files) {
    file = name;
    load();
  }
  return specs;
}

function newSuite(name: string, parent: Suite | null): Suite {
  return { name, parent, before: [], after: [], beforeAll: [], afterAll: [], started: false };
}

function path(suite: Suite): string {
  return [suite.parent ? path(suite.parent) : '', suite.name].filter(Boolean).join(' › ');
}

function chain(suite: Suite | null): readonly Suite[] {
  return suite ? [...chain(suite.parent), suite] : [];
}

async function runSpec(suite: Suite, body: (done?: unknown) => unknown): Promise<void> {
  const suites = chain(suite);
  // Every spec starts its suites anew, so that one can run without the others.
  for (const s of suites) for (const hook of s.beforeAll) await hook();
  try {
    for (const s of suites) for (const hook of s.before) await hook();
    try {
      await (body.length > 0 ? withDone(body) : body());
    } finally {
      for (const s of [...suites].reverse()) for (const hook of s.after) await hook();
    }
  } finally {
    for (const s of [...suites].reverse()) for (const hook of s.afterAll) await hook();
  }
}

function withDone(body: (done: unknown) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason?: unknown): void => reject(reason instanceof Error ? reason : new Error(String(reason)));
    body(Object.assign(() => resolve(), { fail }));
  });
}

/** Jasmine's matchers, which are vitest's under the same names but for `nothing`. */
function expectation(actual?: unknown): object {
  return Object.assign(assert(actual), { nothing: () => {} });
}

function expectAsync(actual: Promise<unknown>): object {
  return {
    toBeRejectedWithError: (pattern?: RegExp | string) =>
      pattern === undefined ? assert(actual).rejects.toThrow() : assert(actual).rejects.toThrow(pattern),
  };
}
