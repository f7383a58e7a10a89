package tokenvending.server.lifecycle;

import java.io.PrintWriter;
import java.util.Optional;
import tokenvending.api.PageFolder;
import tokenvending.api.PageSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.LocalUse;

/** Prints the addresses of a started server, and a command to try. */
final class Banner {
  private Banner() {}

  static void print(
      PrintWriter out,
      ConfigurationFile file,
      Configuration configuration,
      PageFolder pages,
      boolean local,
      String address,
      Optional<Integer> keylessPort) {
    out.println();
    out.println("Token vending machine for Momento");
    out.println("  policy   " + describe(file));
    if (local) {
      out.println(
          "  momento  LOCAL: momento-local in this process. No account, no network; its tokens work"
              + " here only.");
      keylessPort.ifPresent(
          port ->
              out.println(
                  "  keyless  127.0.0.1:"
                      + port
                      + " for forMomentoLocal() of Momento's SDKs. Every program on this machine"
                      + " has full access."));
      out.println("  caches   " + String.join(", ", LocalUse.caches(configuration)));
    }
    if (isOpen(configuration)) {
      out.println(
          "  open     every caller that reaches this address gets a token (authentication: open)");
    }
    String query = PageSettings.exampleQuery(configuration.policy().parameters().all());
    if (configuration.server().demoPages().orElse(local)) {
      out.println(
          pages.exists()
              ? "  pages    %1$s/chat/  %1$s/playground/".formatted(address)
              : "  pages    unavailable: " + pages.missingReason());
    }
    if (isOpen(configuration)) {
      out.println();
      out.println("Get a token:");
      out.println("  curl '" + address + "/" + query + "'");
    }
    if (local && isOpen(configuration)) {
      snippet(out, configuration, address, query);
    }
    out.println();
    out.println("ready: " + address);
    out.flush();
  }

  private static void snippet(
      PrintWriter out, Configuration configuration, String address, String query) {
    String hostAndPort = address.substring(address.indexOf("//") + 2);
    String cache = LocalUse.caches(configuration).iterator().next();
    out.println();
    out.println("Publish and receive a message with it:");
    String topic = "'" + address + "/topics/" + cache + "/hello";
    out.println("  curl -H 'Authorization: AUTH_TOKEN' " + topic + "' -d hello");
    out.println("  curl -H 'Authorization: AUTH_TOKEN' " + topic + "?sequence_number=0'");
    out.println();
    out.println("Use it (Node.js, npm install @gomomento/sdk; save as hello.mjs):");
    out.println(
        """
        import { CredentialProvider, TopicClient } from '@gomomento/sdk';
        const { authToken } = await (await fetch('%1$s/%2$s')).json();
        const at = '%3$s';
        const credentialProvider = CredentialProvider.fromDisposableToken({ apiKey: authToken, endpointOverrides: {
          cacheEndpoint: at, controlEndpoint: at, tokenEndpoint: at, secureConnection: false } });
        const topics = new TopicClient({ credentialProvider });
        await topics.subscribe('%4$s', 'hello', {
          onItem: item => console.log(item.tokenId(), 'says', item.value()), onError: error => console.error(error) });
        await topics.publish('%4$s', 'hello', 'hello, world');
        setTimeout(() => process.exit(), 1000);\
        """
            .indent(2)
            .stripTrailing()
            .formatted(address, query, hostAndPort, cache));
  }

  /** Returns where the policy is, in words. */
  static String describe(ConfigurationFile file) {
    return switch (file) {
      case ConfigurationFile.Written(var path) -> path.toString();
      case ConfigurationFile.BuiltIn(var folder) ->
          "built in; write a tvm.yaml with your own rules";
    };
  }

  private static boolean isOpen(Configuration configuration) {
    return configuration.authentication().stream()
        .anyMatch(AuthenticationSettings.Open.class::isInstance);
  }
}
