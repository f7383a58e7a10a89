package tokenvending.api;

/** The routes of a port. {@link #handle} may block, so it wants a virtual thread. */
public sealed interface Routes permits Api, ManagementApi {
  ApiResponse handle(ApiRequest request);

  /** The answer to a request that the transport itself refuses, in the same form as all others. */
  ApiResponse refuse(ApiRequest request, Problem problem);
}
