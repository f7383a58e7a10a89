/** Reports an error of the page's own code as an uncaught exception is reported, where the platform can. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}
