/** Compiles a kernel as `kernels.generated.ts` has it, in Node and in a page alike. @param base64 its bytes. */
export function compileKernels(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
}
