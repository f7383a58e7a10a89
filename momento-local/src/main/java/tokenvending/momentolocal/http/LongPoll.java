package tokenvending.momentolocal.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._TopicItem;

/**
 * A subscription that ends with the first messages, which are the response. Used on the thread of
 * one connection.
 */
final class LongPoll extends ServerCallStreamObserver<_SubscriptionItem> {

  /** A response has one message, and more only up to this size. */
  private static final long MAX_BYTES = 256 * 1024;

  private static final JsonFactory JSON = new JsonFactory();

  private final Executor connection;
  private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
  private final List<_SubscriptionItem> items = new ArrayList<>();
  private Runnable unsubscribe = () -> {};
  private long bytes;
  private boolean over;

  LongPoll(Executor connection) {
    this.connection = connection;
  }

  /** Returns the response, which unsubscribes when it ends for any reason. */
  HttpResponse response() {
    HttpResponse response = HttpResponse.of(answer);
    var _ =
        response
            .whenComplete()
            .handle(
                (done, aborted) -> {
                  connection.execute(this::end);
                  return true;
                });
    return response;
  }

  @Override
  public void onNext(_SubscriptionItem item) {
    if (over || item.getKindCase() == _SubscriptionItem.KindCase.HEARTBEAT) {
      return;
    }
    if (items.isEmpty()) {
      // After the messages that follow at once.
      connection.execute(this::finish);
    }
    items.add(item);
    bytes += item.getSerializedSize();
  }

  @Override
  public void onError(Throwable error) {
    if (!over) {
      over = true;
      answer.complete(ErrorResponses.response(Status.fromThrowable(error)));
    }
  }

  @Override
  public void onCompleted() {
    finish();
  }

  @Override
  public boolean isReady() {
    return !over && bytes < MAX_BYTES;
  }

  @Override
  public boolean isCancelled() {
    return over;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    unsubscribe = handler;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    // It is ready until it is over.
  }

  @Override
  public void disableAutoInboundFlowControl() {
    // There is nothing inbound.
  }

  @Override
  public void request(int count) {
    // There is nothing inbound.
  }

  @Override
  public void setMessageCompression(boolean enable) {
    // The response has no compression.
  }

  @Override
  public void setCompression(String compression) {
    // The response has no compression.
  }

  private void finish() {
    if (!over) {
      end();
      answer.complete(HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, json()));
    }
  }

  private void end() {
    if (!over) {
      over = true;
      unsubscribe.run();
    }
  }

  private byte[] json() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("items");
      for (_SubscriptionItem item : items) {
        write(json, item);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("to memory", e);
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, _SubscriptionItem item) throws IOException {
    json.writeStartObject();
    if (item.hasItem()) {
      _TopicItem message = item.getItem();
      json.writeObjectFieldStart("item");
      json.writeNumberField("topic_sequence_number", message.getTopicSequenceNumber());
      json.writeObjectFieldStart("value");
      if (message.getValue().hasBinary()) {
        json.writeStringField(
            "binary",
            Base64.getEncoder().encodeToString(message.getValue().getBinary().toByteArray()));
      } else {
        json.writeStringField("text", message.getValue().getText());
      }
      json.writeEndObject();
    } else {
      json.writeObjectFieldStart("discontinuity");
      json.writeNumberField("last_topic_sequence", item.getDiscontinuity().getLastTopicSequence());
      json.writeNumberField("new_topic_sequence", item.getDiscontinuity().getNewTopicSequence());
    }
    json.writeEndObject();
    json.writeEndObject();
  }
}
