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
 * The CDK app. The CDK's command line runs it, and passes the options and the output folder in the
 * environment. Arguments: the build folder of {@code lambda/}, and a staging folder. Exits with 2
 * if the file or an option is invalid.
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
   * Creates an app that is checked by cdk-nag: a violation is an error that prevents the
   * deployment.
   *
   * @param out the output folder; by default the one from the command line
   */
  static App app(Optional<Path> out) {
    AppProps.Builder props = AppProps.builder();
    out.ifPresent(folder -> props.outdir(folder.toString()));
    App app =
        new App(
            props
                // Last, so that a cdk.json in the working folder does not change what is built.
                .postCliContext(
                    Map.of(
                        // A changed authorizer or layer causes a new deployment or version.
                        "@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId",
                        true,
                        "@aws-cdk/aws-lambda:recognizeLayerVersion",
                        true,
                        // The value of a secret in a template is an error.
                        "@aws-cdk/core:checkSecretUsage",
                        true))
                // Sends no usage data about builds.
                .analyticsReporting(false)
                .treeMetadata(false)
                .build());
    Aspects.of(app).add(AwsSolutionsChecks.Builder.create().verbose(true).build());
    return app;
  }

  /** Returns every value of {@code -c}, and those that the CDK itself sets. */
  private static Map<String, String> context(App app) {
    Map<String, String> values = new TreeMap<>();
    if (app.getNode().getAllContext() instanceof Map<?, ?> all) {
      all.forEach((name, value) -> values.put(name.toString(), String.valueOf(value)));
    }
    return values;
  }
}
