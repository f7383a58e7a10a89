package tokenvending.momentolocal.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tokenvending.momentolocal.cache.CacheOperations;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Identity;
import tokenvending.momentolocal.credential.KeyAuthenticator;
import tokenvending.momentolocal.operation.Operation;
import tokenvending.momentolocal.operation.OperationTable;
import tokenvending.momentolocal.permission.Right;
import tokenvending.momentolocal.topic.TopicService;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicValue;

/**
 * Momento's HTTP API: {@code /cache/CACHE} and {@code /topics/CACHE/TOPIC}. Every request is
 * checked in this order: credential, permission, cache, arguments.
 */
public final class HttpApi {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,10}");
  private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,18}");

  private final KeyAuthenticator authenticator;
  private final CacheOperations operations;
  private final TopicService topics;
  private final BooleanSupplier closed;

  /** A request at an address that is decoded. */
  private record Request(ServiceRequestContext context, HttpRequest http, Target target) {

    String cache() {
      return target.path().get(0);
    }

    String topic() {
      return target.path().get(1);
    }
  }

  /** Answers one request of an authenticated caller. */
  private interface Endpoint {
    HttpResponse serve(Request request, Identity caller);
  }

  public HttpApi(
      KeyAuthenticator authenticator,
      CacheOperations operations,
      TopicService topics,
      BooleanSupplier closed) {
    this.authenticator = authenticator;
    this.operations = operations;
    this.topics = topics;
    this.closed = closed;
  }

  /** Adds the routes. */
  public void attachTo(ServerBuilder server, UnaryOperator<HttpService> decorate) {
    add(server, decorate, HttpMethod.GET, "prefix:/cache/", 1, this::get);
    add(server, decorate, HttpMethod.PUT, "prefix:/cache/", 1, this::put);
    add(server, decorate, HttpMethod.DELETE, "prefix:/cache/", 1, this::delete);
    add(server, decorate, HttpMethod.POST, "prefix:/topics/", 2, this::publish);
    add(server, decorate, HttpMethod.GET, "prefix:/topics/", 2, this::subscribe);
  }

  private void add(
      ServerBuilder server,
      UnaryOperator<HttpService> decorate,
      HttpMethod method,
      String path,
      int segments,
      Endpoint endpoint) {
    HttpService service =
        (context, http) -> {
          Optional<Target> target = Target.read(context.routingContext().requestTarget());
          if (target.isEmpty()) {
            return afterBody(http, CallError.invalid("the address is not UTF-8"));
          }
          return target.get().path().size() == segments
              ? authenticate(new Request(context, http, target.get()), endpoint)
              : TextResponse.of(HttpStatus.NOT_FOUND, "no such path");
        };
    server.service(Route.builder().path(path).methods(method).build(), decorate.apply(service));
  }

  private HttpResponse authenticate(Request request, Endpoint endpoint) {
    if (closed.getAsBoolean()) {
      return afterBody(request.http(), CallError.shuttingDown());
    }
    List<String> keys =
        Stream.concat(
                request.http().headers().getAll(HttpHeaderNames.AUTHORIZATION).stream(),
                request.target().all("token").stream())
            .toList();
    if (keys.size() > 1) {
      return afterBody(
          request.http(), CallError.invalid("send the token once, as Authorization or as token"));
    }
    return switch (authenticator.identify(keys.isEmpty() ? "" : raw(keys.getFirst()))) {
      case KeyAuthenticator.Unknown(String reason) ->
          afterBody(request.http(), CallError.unauthenticated(reason));
      case KeyAuthenticator.Known(Identity caller) -> endpoint.serve(request, caller);
    };
  }

  /** Returns the key inside of the form that SDKs accept: base64 of JSON with key and endpoint. */
  private static String raw(String key) {
    try {
      JsonNode form =
          JSON.readTree(new String(Base64.getDecoder().decode(key), StandardCharsets.UTF_8));
      JsonNode inner = form.path("api_key");
      return inner.isTextual() ? inner.textValue() : key;
    } catch (IllegalArgumentException | JsonProcessingException e) {
      return key;
    }
  }

  private HttpResponse get(Request request, Identity caller) {
    Operation.Call call =
        call(
            request,
            Right.READ,
            key -> OperationTable.call("Get", _GetRequest.newBuilder().setCacheKey(key).build()));
    return ErrorResponses.orError(
        run(request, caller, call),
        responses -> {
          _GetResponse found = (_GetResponse) responses.next();
          return found.getResult() == ECacheResult.Hit
              ? value(found.getCacheBody())
              : TextResponse.of(HttpStatus.NOT_FOUND, "Key Not Found");
        });
  }

  private HttpResponse put(Request request, Identity caller) {
    String ttl = request.target().first("ttl_seconds");
    Function<ByteString, Operation.Call> set =
        key ->
            SECONDS.matcher(ttl).matches()
                ? new Operation.Call(Right.WRITE, List.of(key), cache -> nothing())
                : refused(Right.WRITE, List.of(key), "ttl_seconds: expected a number");
    // Before the body is kept.
    return switch (run(request, caller, call(request, Right.WRITE, set))) {
      case CallResult.Refused<Iterator<MessageLite>>(CallError refusal) ->
          afterBody(request.http(), refusal);
      case CallResult.Reply<Iterator<MessageLite>> _ ->
          HttpResponse.of(
              request
                  .http()
                  .aggregate()
                  .thenApply(
                      whole -> set(request, caller, whole.content().array(), Long.parseLong(ttl))));
    };
  }

  private HttpResponse set(Request request, Identity caller, byte[] content, long ttlSeconds) {
    Operation.Call call =
        call(
            request,
            Right.WRITE,
            key ->
                OperationTable.call(
                    "Set",
                    _SetRequest.newBuilder()
                        .setCacheKey(key)
                        .setCacheBody(ByteString.copyFrom(content))
                        .setTtlMilliseconds(ttlSeconds * 1_000)
                        .build()));
    return ErrorResponses.orError(
        run(request, caller, call), stored -> HttpResponse.of(HttpStatus.NO_CONTENT));
  }

  /** Responds when the body has arrived, because clients ignore a response that interrupts them. */
  private static HttpResponse afterBody(HttpRequest request, CallError error) {
    return HttpResponse.of(
        request
            .filter(read -> false)
            .collect()
            .handle((nothing, failed) -> ErrorResponses.response(error)));
  }

  private HttpResponse delete(Request request, Identity caller) {
    Operation.Call call =
        call(
            request,
            Right.WRITE,
            key ->
                OperationTable.call(
                    "Delete", _DeleteRequest.newBuilder().setCacheKey(key).build()));
    return ErrorResponses.orError(
        run(request, caller, call), deleted -> HttpResponse.of(HttpStatus.NO_CONTENT));
  }

  private HttpResponse publish(Request request, Identity caller) {
    return HttpResponse.of(
        request
            .http()
            .aggregate()
            .thenApply(
                whole ->
                    ErrorResponses.orError(
                        topics.publish(
                            caller,
                            request.cache(),
                            request.topic(),
                            message(
                                Optional.ofNullable(request.http().contentType()),
                                ByteString.copyFrom(whole.content().array()))),
                        published -> HttpResponse.of(HttpStatus.NO_CONTENT))));
  }

  /** Returns a text, or bytes if the request names that type. */
  private static CallResult<_TopicValue> message(Optional<MediaType> type, ByteString body) {
    if (type.filter(one -> one.is(MediaType.OCTET_STREAM)).isPresent()) {
      return new CallResult.Reply<>(_TopicValue.newBuilder().setBinary(body).build());
    }
    return body.isValidUtf8()
        ? new CallResult.Reply<>(_TopicValue.newBuilder().setTextBytes(body).build())
        : new CallResult.Refused<>(
            CallError.invalid(
                "the message is not UTF-8: send it with content-type application/octet-stream"));
  }

  private HttpResponse subscribe(Request request, Identity caller) {
    ServiceRequestContext context = request.context();
    String last = request.target().first("sequence_number");
    if (!last.isEmpty() && !SEQUENCE.matcher(last).matches()) {
      return ErrorResponses.response(CallError.invalid("sequence_number: expected a number"));
    }
    // It waits for a message as long as the client does.
    context.clearRequestTimeout();
    LongPoll poll = new LongPoll(context.eventLoop().withoutContext());
    topics.subscribe(
        caller,
        _SubscriptionRequest.newBuilder()
            .setCacheName(request.cache())
            .setTopic(request.topic())
            .setResumeAtTopicSequenceNumber(last.isEmpty() ? 0 : Long.parseLong(last) + 1)
            .build(),
        poll);
    return poll.response();
  }

  private CallResult<Iterator<MessageLite>> run(
      Request request, Identity caller, Operation.Call call) {
    return operations.run(caller, request.cache(), call);
  }

  /** Returns the call for the key of the request; one that is refused if it has no key. */
  private static Operation.Call call(
      Request request, Right right, Function<ByteString, Operation.Call> forKey) {
    List<String> texts = request.target().all("key");
    List<String> encoded = request.target().all("key_base64");
    if (texts.size() + encoded.size() != 1) {
      return refused(right, List.of(), "send one of key and key_base64");
    }
    if (!texts.isEmpty()) {
      return forKey.apply(ByteString.copyFromUtf8(texts.getFirst()));
    }
    byte[] key;
    try {
      key = Base64.getUrlDecoder().decode(encoded.getFirst());
    } catch (IllegalArgumentException e) {
      return refused(right, List.of(), "key_base64: not base64url");
    }
    return forKey.apply(ByteString.copyFrom(key));
  }

  private static Operation.Call refused(Right right, List<ByteString> keys, String reason) {
    return new Operation.Call(
        right, keys, cache -> new CallResult.Refused<>(CallError.invalid(reason)));
  }

  private static CallResult<Iterator<MessageLite>> nothing() {
    return new CallResult.Reply<>(Collections.emptyIterator());
  }

  private static HttpResponse value(ByteString content) {
    return HttpResponse.of(
        ResponseHeaders.of(
            HttpStatus.OK,
            HttpHeaderNames.CONTENT_TYPE,
            MediaType.OCTET_STREAM,
            HttpHeaderNames.X_CONTENT_TYPE_OPTIONS,
            "nosniff"),
        HttpData.wrap(content.toByteArray()));
  }
}
