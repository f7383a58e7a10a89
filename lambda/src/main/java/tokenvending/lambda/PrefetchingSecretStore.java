package tokenvending.lambda;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import tokenvending.secret.SecretStore;

/**
 * A secret store that can request a secret before it is needed. The first look-up of that name
 * returns the prefetched result; later ones send a request.
 */
final class PrefetchingSecretStore implements SecretStore {
  private final SecretStore store;
  private final Map<String, FutureTask<Lookup>> underWay = new HashMap<>();

  PrefetchingSecretStore(SecretStore store) {
    this.store = store;
  }

  /** Starts a request on its own thread. */
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
      // The store itself limits the time of a look-up.
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

  /** Also drops an unused prefetched result. */
  @Override
  public void disconnect() {
    synchronized (underWay) {
      underWay.clear();
    }
    store.disconnect();
  }
}
