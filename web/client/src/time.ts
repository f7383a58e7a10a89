import { ClosedError } from './errors.js';

/**
 * Does work that must end within so many milliseconds, or when `other` aborts. `AbortSignal.any` and
 * `AbortSignal.timeout` are too new for browsers in use.
 */
export async function within<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  other?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  other?.addEventListener('abort', abort);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    other?.removeEventListener('abort', abort);
  }
}

/** What the work comes to, or a rejection with the signal's reason when it aborts first. The work itself goes on. */
export function abortable<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return signal === undefined
    ? work()
    : new Promise((resolve, reject) => {
        // Signals of older browsers have no reason.
        const abort = () => reject(signal.reason ?? new ClosedError('Aborted.'));
        if (signal.aborted) {
          abort();
        } else {
          signal.addEventListener('abort', abort);
          void work()
            .then(resolve, reject)
            .finally(() => signal.removeEventListener('abort', abort));
        }
      });
}
