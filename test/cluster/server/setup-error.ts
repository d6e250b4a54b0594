/** What keeps the tests from beginning, and what to do about it, on one line. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
