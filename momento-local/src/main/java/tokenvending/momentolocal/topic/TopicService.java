package tokenvending.momentolocal.topic;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import tokenvending.momentolocal.cache.Caches;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Caller;
import tokenvending.momentolocal.credential.Identity;
import tokenvending.momentolocal.permission.Family;
import tokenvending.momentolocal.permission.Right;
import tokenvending.momentolocal.wire.PubsubGrpc;
import tokenvending.momentolocal.wire._Empty;
import tokenvending.momentolocal.wire._PublishRequest;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicValue;

/**
 * {@code cache_client.pubsub.Pubsub}. The message names the cache. Momento's documented limit of 4
 * KB for a message can be raised for an account, so it is not enforced.
 */
public final class TopicService extends PubsubGrpc.PubsubImplBase {

  private final Caches caches;
  private final Topics topics;
  private final InstantSource clock;
  private final Duration heartbeatInterval;
  private final boolean endStreamsAtExpiry;

  /**
   * Creates the service. Ending streams when their token expires is optional, because Momento's
   * behavior is not documented.
   */
  public TopicService(
      Caches caches,
      Topics topics,
      InstantSource clock,
      Duration heartbeatInterval,
      boolean endStreamsAtExpiry) {
    this.caches = caches;
    this.topics = topics;
    this.clock = clock;
    this.heartbeatInterval = heartbeatInterval;
    this.endStreamsAtExpiry = endStreamsAtExpiry;
  }

  @Override
  public void publish(_PublishRequest request, StreamObserver<_Empty> out) {
    CallResult<_TopicValue> value =
        request.getValue().getKindCase() == _TopicValue.KindCase.KIND_NOT_SET
            ? new CallResult.Refused<>(CallError.invalid("the value is missing"))
            : new CallResult.Reply<>(request.getValue());
    publish(Caller.current().identity(), request.getCacheName(), request.getTopic(), value)
        .sendTo(out);
  }

  /** Publishes for a caller, or returns why there is no valid value, which is checked last. */
  public CallResult<_Empty> publish(
      Identity identity, String cache, String topic, CallResult<_TopicValue> value) {
    Optional<CallError> refusal = refusal(identity, Right.WRITE, cache, topic);
    if (refusal.isPresent()) {
      return new CallResult.Refused<>(refusal.get());
    }
    return switch (value) {
      case CallResult.Refused<_TopicValue>(CallError flaw) -> new CallResult.Refused<>(flaw);
      case CallResult.Reply<_TopicValue>(_TopicValue message) ->
          switch (topics.publish(
              caches.find(cache).orElse(0L), cache, topic, message, identity.publisherId())) {
            case Topics.Outcome.Done<Long> _ -> new CallResult.Reply<>(_Empty.getDefaultInstance());
            case Topics.Outcome.Refused<Long>(CallError reason) -> new CallResult.Refused<>(reason);
          };
    };
  }

  @Override
  public void subscribe(_SubscriptionRequest request, StreamObserver<_SubscriptionItem> out) {
    // gRPC guarantees this type to server stubs.
    subscribe(
        Caller.current().identity(), request, (ServerCallStreamObserver<_SubscriptionItem>) out);
  }

  /** Subscribes for a caller. Must be called on the thread of the connection. */
  public void subscribe(
      Identity identity,
      _SubscriptionRequest request,
      ServerCallStreamObserver<_SubscriptionItem> stream) {
    Optional<CallError> refusal =
        refusal(identity, Right.READ, request.getCacheName(), request.getTopic());
    if (refusal.isPresent()) {
      stream.onError(refusal.get().exception());
      return;
    }
    Subscription subscription =
        new Subscription(
            topics,
            stream,
            ServiceRequestContext.current().eventLoop().withoutContext(),
            clock,
            endStreamsAtExpiry ? identity.expiresAt() : Instant.MAX);
    stream.setOnCancelHandler(subscription::cancelled);
    stream.setOnReadyHandler(subscription::wake);
    switch (topics.subscribe(
        caches.find(request.getCacheName()).orElse(0L),
        request.getCacheName(),
        request.getTopic(),
        request.getResumeAtTopicSequenceNumber(),
        request.getSequencePage(),
        subscription)) {
      case Topics.Outcome.Done<Topics.Position>(Topics.Position position) ->
          subscription.start(position, heartbeatInterval);
      case Topics.Outcome.Refused<Topics.Position>(CallError reason) ->
          stream.onError(reason.exception());
    }
  }

  private Optional<CallError> refusal(Identity identity, Right right, String cache, String topic) {
    if (!identity.may(
        Family.TOPIC, right, ByteString.copyFromUtf8(cache), ByteString.copyFromUtf8(topic))) {
      return Optional.of(CallError.denied("no permission for this operation on this topic"));
    }
    if (cache.isEmpty()) {
      return Optional.of(CallError.invalid("the cache name is missing"));
    }
    if (caches.find(cache).isEmpty()) {
      return Optional.of(CallError.noSuchCache(cache));
    }
    return topic.isEmpty()
        ? Optional.of(CallError.invalid("the topic name is missing"))
        : Optional.empty();
  }
}
