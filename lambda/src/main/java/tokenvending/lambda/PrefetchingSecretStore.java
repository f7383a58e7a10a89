package tokenvending.lambda;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import tokenvending.secret.SecretStore;

/**
 * A secret store whose secrets can be requested before they are needed. The first request for that
 * name gets the prefetched answer; later requests are sent anew.
 */
final class PrefetchingSecretStore implements SecretStore {
  private final SecretStore store;
  private final Map<String, FutureTask<Lookup>> underWay = new HashMap<>();

  PrefetchingSecretStore(SecretStore store) {
    this.store = store;
  }

  /** Asks on a thread of its own. */
  void begin(String name) {
    FutureTask<Lookup> question = new FutureTask<>(() -> store.find(name));
    synchronized (underWay) {
      underWay.put(name, question);
    }
    Thread.ofPlatform().daemon().name("read-ahead").start(question);
  }

  @Override
  public Lookup find(String name) {
    FutureTask<Lookup> question;
    synchronized (underWay) {
      question = underWay.remove(name);
    }
    if (question == null) {
      return store.find(name);
    }
    try {
      // Bounded as any look-up: a store gives up on a service that is silent, or has no end.
      return question.get();
    } catch (ExecutionException e) {
      return store.find(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Lookup.Unreadable("the AWS secret " + name + " cannot be read (interrupted)");
    }
  }

  @Override
  public void prime() {
    store.prime();
  }

  /** What was asked ahead and taken by nobody is forgotten, too. */
  @Override
  public void disconnect() {
    synchronized (underWay) {
      underWay.clear();
    }
    store.disconnect();
  }
}
