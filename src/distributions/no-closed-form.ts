/** The quantity asked for exists but has no closed form; the message says why and what to call instead. */
export class NoClosedFormError extends Error {
  override readonly name = 'NoClosedFormError';
}
