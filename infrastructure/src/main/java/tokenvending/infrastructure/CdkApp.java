package tokenvending.infrastructure;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Aspects;

/**
 * The CDK app: run by the CDK's command line, which says in the environment what was asked for and
 * where the result goes. Arguments: the folder that the build of {@code lambda/} left, and a folder
 * to put code together in. Ends with 2 where the file or a value cannot be used.
 */
public final class CdkApp {
  private static final int WRONG_INPUT = 2;

  private CdkApp() {}

  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("expected the built functions' folder, and a staging folder");
      System.exit(WRONG_INPUT);
    }
    System.exit(run(Path.of(args[0]), Path.of(args[1]), Path.of(""), System.err));
  }

  static int run(Path built, Path staging, Path workingFolder, PrintStream err) {
    App app = app(Optional.empty());
    return switch (DeployOptions.read(context(app), workingFolder, built, staging)) {
      case DeployOptions.Result.Refused(var lines) -> {
        lines.forEach(err::println);
        yield WRONG_INPUT;
      }
      case DeployOptions.Result.Understood(DeployOptions options) -> {
        new MomentoTokenVendingMachineStack(app, options.stack(), options);
        app.synth();
        yield 0;
      }
    };
  }

  /**
   * An app under the rules of cdk-nag: what breaks one is an error that the command line does not
   * deploy.
   *
   * @param out where the result goes; else where the command line says
   */
  static App app(Optional<Path> out) {
    AppProps.Builder props = AppProps.builder();
    out.ifPresent(folder -> props.outdir(folder.toString()));
    App app =
        new App(
            props
                // Last, so that no cdk.json in the working folder changes what is built.
                .postCliContext(
                    Map.of(
                        // A changed authorizer or layer is a new deployment or version.
                        "@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId",
                        true,
                        "@aws-cdk/aws-lambda:recognizeLayerVersion",
                        true,
                        // A secret's value in a template is an error.
                        "@aws-cdk/core:checkSecretUsage",
                        true))
                // Nothing about the user's build goes anywhere.
                .analyticsReporting(false)
                .treeMetadata(false)
                .build());
    Aspects.of(app).add(AwsSolutionsChecks.Builder.create().verbose(true).build());
    return app;
  }

  /** Every value that follows {@code -c}, and what the CDK itself sets. */
  private static Map<String, String> context(App app) {
    Map<String, String> values = new TreeMap<>();
    if (app.getNode().getAllContext() instanceof Map<?, ?> all) {
      all.forEach((name, value) -> values.put(name.toString(), String.valueOf(value)));
    }
    return values;
  }
}
