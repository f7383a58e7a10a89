package tokenvending.api;

/** The routes of a port. {@link #handle} can block, so it must run on a virtual thread. */
public sealed interface Routes permits Api, ManagementApi {
  ApiResponse handle(ApiRequest request);

  /**
   * Returns the response to a request that the transport rejects, in the same form as all others.
   */
  ApiResponse refuse(ApiRequest request, Problem problem);
}
