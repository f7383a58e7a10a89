package tokenvending.issuing;

/**
 * One call to the token service, or a decorator around it. Thread-safe; can block. Every failure is
 * a result, never an exception.
 *
 * @param <K> the API key, which only the innermost call reads
 */
public interface UpstreamCall<K> {
  UpstreamResult call(UpstreamRequest<K> request);
}
