package tokenvending.momentolocal.snapshot;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import tokenvending.momentolocal.cache.Caches;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Dictionary;
import tokenvending.momentolocal.item.ElementList;
import tokenvending.momentolocal.item.ElementSet;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemStore;
import tokenvending.momentolocal.item.Scalar;
import tokenvending.momentolocal.item.SortedSet;
import tokenvending.momentolocal.item.Value;
import tokenvending.momentolocal.operation.CacheItems;
import tokenvending.momentolocal.operation.OperationTable;
import tokenvending.momentolocal.wire._DeleteRequest;

/**
 * Reads and writes all caches and items as JSON:
 *
 * <pre>{@code
 * {"caches": {"default-cache": [
 *   {"key": "a", "value": "text", "ttlMilliseconds": 60000},
 *   {"key": {"base64": "AAE="}, "value": {"base64": "/w=="}},
 *   {"key": "b", "dictionary": [{"field": "f", "value": "v"}]},
 *   {"key": "c", "set": ["x"]},
 *   {"key": "d", "list": ["x", "y"]},
 *   {"key": "e", "sortedSet": [{"value": "x", "score": 1.5}]}]}}
 * }</pre>
 */
public final class Snapshots {

  /** The most bytes of a snapshot; for fixtures of tests, and safe to hold in memory. */
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final JsonFactory JSON = new JsonFactory();

  private final Caches caches;
  private final ItemStore items;
  private final InstantSource clock;

  public Snapshots(Caches caches, ItemStore items, InstantSource clock) {
    this.caches = caches;
    this.items = items;
    this.clock = clock;
  }

  /**
   * Creates the caches that do not exist, and stores the items in place of those with the same key.
   * A snapshot that is not valid changes nothing; one over a limit stores the items before it.
   *
   * @throws IllegalArgumentException if the snapshot is not valid, or exceeds a limit
   */
  public void seed(byte[] json) {
    SnapshotReader.read(json, new Unchanged());
    SnapshotReader.read(json, new Seeding());
  }

  /** Stores nothing. */
  private static final class Unchanged implements SnapshotReader.Visitor {

    @Override
    public Optional<String> cache(String name) {
      return Optional.empty();
    }

    @Override
    public Optional<String> item(SnapshotReader.Write write) {
      return Optional.empty();
    }
  }

  /** Stores the items. */
  private final class Seeding implements SnapshotReader.Visitor {

    private long cache;

    @Override
    public Optional<String> cache(String name) {
      if (caches.create(name) == Caches.Creation.TOO_MANY) {
        return Optional.of("there are " + Caches.MAX_CACHES + " caches already");
      }
      cache = caches.find(name).orElse(0L);
      return Optional.empty();
    }

    @Override
    public Optional<String> item(SnapshotReader.Write write) {
      CacheItems stored = new CacheItems(items, cache, clock);
      _DeleteRequest delete = _DeleteRequest.newBuilder().setCacheKey(write.key()).build();
      return apply(stored, "Delete", delete).or(() -> apply(stored, write.rpc(), write.request()));
    }
  }

  /**
   * Applies an operation as a client would, so that the same limits apply. Returns why it is
   * refused.
   */
  private static Optional<String> apply(CacheItems cache, String rpc, MessageLite request) {
    return switch (OperationTable.call(rpc, request).action().apply(cache)) {
      case CallResult.Refused<Iterator<MessageLite>>(CallError refusal) ->
          Optional.of(String.valueOf(refusal.status().getDescription()));
      case CallResult.Reply<Iterator<MessageLite>> _ -> Optional.empty();
    };
  }

  /** Returns all caches and items; empty if that is more than {@link #MAX_BYTES}. */
  public Optional<byte[]> export() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectFieldStart("caches");
      for (String name : caches.names()) {
        json.writeArrayFieldStart(name);
        boolean complete =
            items.all(caches.find(name).orElse(0L), (key, item) -> add(json, out, key, item));
        if (!complete) {
          return Optional.empty();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("to memory", e);
    }
    return Optional.of(out.toByteArray());
  }

  /** Returns false if the item does not fit. Inside the lock, because collections change. */
  private boolean add(JsonGenerator json, ByteArrayOutputStream out, ByteString key, Item item) {
    if (out.size() + key.size() + item.value().bytes() > MAX_BYTES) {
      return false;
    }
    try {
      json.writeStartObject();
      bytes(json, "key", key);
      json.writeNumberField("ttlMilliseconds", item.expiresAt() - clock.millis());
      write(json, item.value());
      json.writeEndObject();
      json.flush();
      return out.size() <= MAX_BYTES;
    } catch (IOException e) {
      throw new UncheckedIOException("to memory", e);
    }
  }

  private static void write(JsonGenerator json, Value value) throws IOException {
    switch (value) {
      case Scalar(ByteString content) -> bytes(json, "value", content);
      case Dictionary dictionary -> {
        json.writeArrayFieldStart("dictionary");
        for (Map.Entry<ByteString, ByteString> field : dictionary.fields().entrySet()) {
          json.writeStartObject();
          bytes(json, "field", field.getKey());
          bytes(json, "value", field.getValue());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      case ElementSet set -> array(json, "set", set.elements());
      case ElementList list -> array(json, "list", list.values());
      case SortedSet sorted -> {
        json.writeArrayFieldStart("sortedSet");
        for (SortedSet.Scored element : sorted.ordered()) {
          json.writeStartObject();
          bytes(json, "value", element.value());
          json.writeNumberField("score", element.score());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
    }
  }

  private static void array(JsonGenerator json, String name, Iterable<ByteString> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (ByteString value : values) {
      bytes(json, value);
    }
    json.writeEndArray();
  }

  private static void bytes(JsonGenerator json, String name, ByteString bytes) throws IOException {
    json.writeFieldName(name);
    bytes(json, bytes);
  }

  private static void bytes(JsonGenerator json, ByteString bytes) throws IOException {
    if (bytes.isValidUtf8()) {
      json.writeString(bytes.toStringUtf8());
      return;
    }
    json.writeStartObject();
    json.writeStringField("base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    json.writeEndObject();
  }
}
