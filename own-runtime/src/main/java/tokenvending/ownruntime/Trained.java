package tokenvending.ownruntime;

/**
 * The functions, each of which has a cache of its own: the JVM loads a cache's classes whole before
 * it begins, and hardly any of one function's are of use to the other.
 */
enum Trained {
  VEND("tokenvending.lambda.VendHandler::handleRequest", "vend.aot", "authToken"),
  AUTHORIZER("tokenvending.lambda.AuthorizerHandler::handleRequest", "authorizer.aot", "Allow");

  private final String handler;
  private final String cache;
  private final String success;

  Trained(String handler, String cache, String success) {
    this.handler = handler;
    this.cache = cache;
    this.success = success;
  }

  /** As Lambda names it to the process. */
  String handler() {
    return handler;
  }

  /** The name of the file, which the start script knows. */
  String cache() {
    return cache;
  }

  /** What an answer says where all went well. */
  String success() {
    return success;
  }
}
