package tokenvending.lambda;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.application.StateOpener;
import tokenvending.aws.DynamoDbState;
import tokenvending.aws.SecretsManagerStore;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.Deployment;
import tokenvending.configuration.StateSettings;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.state.SharedState;

/**
 * The application with what a server gives it and a function does not: it is never frozen, a thread
 * watches the table, and several events are in progress at once.
 */
final class ServerProcess {
  private ServerProcess() {}

  /** What the process does. */
  public static void main(String[] args) throws IOException {
    Map<String, String> environment = System.getenv();
    Path file = Path.of(environment.get("LAMBDA_TASK_ROOT"), "tvm.yaml");
    if (!(ConfigurationReader.read(file) instanceof Read read)) {
      throw new AssertionError("the file is not valid");
    }
    Application application =
        Application.of(
            Deployment.of(environment).applyTo(read.configuration()),
            new RuntimeEnvironment(
                    environment,
                    OutputStream.nullOutputStream(),
                    InstantSource.system(),
                    System::nanoTime,
                    new SecureRandom(),
                    NettyConnector.nio(),
                    Optional.empty())
                .with(new ServersTable())
                .with(new SecretsManagerStore(InstantSource.system(), System::nanoTime)));
    FunctionProcess.serve(
        Executors.newVirtualThreadPerTaskExecutor(),
        (event, answer) -> {
          GatewayEvent parsed = GatewayEvent.of(GatewayEvent.parse(event));
          ProxyResponses.write(
              ProxyRequest.answer(application.api(), parsed, InstantSource.system().instant()),
              parsed.front(),
              answer);
        });
  }

  private static final class ServersTable implements StateOpener {
    @Override
    public SharedState open(StateSettings settings, LongSupplier nanoTime) {
      if (settings instanceof StateSettings.DynamoDb(Optional<String> table)) {
        return DynamoDbState.open(table.orElseThrow(), InstantSource.system(), nanoTime);
      }
      throw new AssertionError(settings);
    }

    @Override
    public Optional<String> configurationError(StateSettings settings) {
      return Optional.empty();
    }
  }
}
