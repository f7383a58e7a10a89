package tokenvending.ownruntime;

/**
 * The functions, each of which has a cache of its own: the JVM loads a cache's classes whole before
 * it begins, and hardly any of one function's are of use to the other.
 */
enum Trained {
  VEND("tokenvending.lambda.VendHandler::handleRequest", "vend.aot", "authToken", 2),
  AUTHORIZER("tokenvending.lambda.AuthorizerHandler::handleRequest", "authorizer.aot", "Allow", 1);

  private final String handler;
  private final String cache;
  private final String success;
  private final int successes;

  Trained(String handler, String cache, String success, int successes) {
    this.handler = handler;
    this.cache = cache;
    this.success = success;
    this.successes = successes;
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

  /** In how many answers of one round. */
  int successes() {
    return successes;
  }
}
