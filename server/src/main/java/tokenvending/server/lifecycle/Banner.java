package tokenvending.server.lifecycle;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.api.PageFolder;
import tokenvending.api.PageSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.LocalUse;
import tokenvending.permission.TopicRole;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;

/** Prints the addresses of a started server, and a command to try. */
final class Banner {
  // Needs no quotes in a shell, in an address and in JavaScript; and no caller's value.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]+");

  private record Sample(String cache, String topic) {}

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
      sample(configuration).ifPresent(topic -> snippet(out, topic, address, query));
    }
    out.println();
    out.println("ready: " + address);
    out.flush();
  }

  /** Returns a topic that the rules permit to publish to and to subscribe to, if there is one. */
  private static Optional<Sample> sample(Configuration configuration) {
    for (RuleDocument rule : configuration.policyDocument().rules()) {
      for (PermissionDocument permission : rule.permissions()) {
        String cache =
            permission.cache() instanceof SelectorDocument.Exact(String name)
                ? name
                : LocalUse.caches(configuration).iterator().next();
        String topic =
            switch (permission.target()) {
              case SelectorDocument.All() -> "hello";
              case SelectorDocument.Exact(String name) -> name;
              case SelectorDocument.Prefix(String prefix) -> prefix + "hello";
            };
        if (permission.role() == TopicRole.PUBLISH_SUBSCRIBE
            && !(permission.cache() instanceof SelectorDocument.Prefix)
            && PLAIN.matcher(cache).matches()
            && PLAIN.matcher(topic).matches()) {
          return Optional.of(new Sample(cache, topic));
        }
      }
    }
    return Optional.empty();
  }

  private static void snippet(PrintWriter out, Sample sample, String address, String query) {
    String hostAndPort = address.substring(address.indexOf("//") + 2);
    out.println();
    out.println("Publish and receive a message with it:");
    String topic = "'" + address + "/topics/" + sample.cache() + "/" + sample.topic();
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
        await topics.subscribe('%4$s', '%5$s', {
          onItem: item => console.log(item.tokenId(), 'says', item.value()), onError: error => console.error(error) });
        await topics.publish('%4$s', '%5$s', 'hello, world');
        setTimeout(() => process.exit(), 1000);\
        """
            .indent(2)
            .stripTrailing()
            .formatted(address, query, hostAndPort, sample.cache(), sample.topic()));
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
