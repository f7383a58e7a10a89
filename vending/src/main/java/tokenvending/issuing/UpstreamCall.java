package tokenvending.issuing;

/**
 * One call to the token service, or a decorator around it. Thread-safe, may block; every failure is
 * a result, no exception crosses it.
 *
 * @param <K> the API key, which only the innermost call reads
 */
public interface UpstreamCall<K> {
  UpstreamResult call(UpstreamRequest<K> request);
}
