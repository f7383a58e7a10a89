/** Reports an error of the page's own code as an uncaught exception is reported, where the platform can. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}

/** Whether to log, and where: true for `console.debug`, or a function that receives each line. */
export type Debug = boolean | ((line: string) => void);

/** Writes lines where `debug` says. */
export function logger(debug: Debug = false): (line: string) => void {
  return typeof debug === 'function' ? debug : debug ? line => console.debug('tokenvending-client', line) : () => {};
}
