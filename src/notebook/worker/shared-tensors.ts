/** The package as cells import it. */
const LIBRARY = 'gmm-vae';
/** Packages that compute with the TensorFlow.js of the library. */
const COMPUTING: ReadonlySet<string> = new Set(['@tensorflow/tfjs', 'danfojs-node']);

/**
 * TensorFlow.js has one backend and one mode for the whole process, and the library chooses them when its `tf` is first used.
 * A notebook that imports the library and TensorFlow.js itself, in either order, finds it configured before its first op.
 */
export class SharedTensors {
  #library: { readonly tf?: unknown } | undefined;
  #isShared = false;

  /** Takes note of what a cell has imported, and returns it. */
  note(id: string, exports: unknown): unknown {
    if (id === LIBRARY) this.#library = exports as { readonly tf?: unknown };
    else if (COMPUTING.has(id)) this.#isShared = true;
    else return exports;
    // Reading the name loads it.
    if (this.#isShared) void this.#library?.tf;
    return exports;
  }
}
