package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.permission.Right;

/** An operation: reads its request, and returns what the request requires and does. */
public interface Operation {

  /**
   * A request that was read.
   *
   * @param right what the caller must be permitted, for each key
   * @param keys the keys of all items that it uses
   * @param action returns the responses; only for a permitted caller
   */
  record Call(
      Right right,
      List<ByteString> keys,
      Function<CacheItems, CallResult<Iterator<MessageLite>>> action) {}

  /** Reads a request. */
  Call read(InputStream request) throws InvalidProtocolBufferException;

  /** An operation on one item, with one response. */
  static <Q extends MessageLite, A extends MessageLite> Operation one(
      Right right,
      Parser<Q> parser,
      Function<Q, ByteString> key,
      BiFunction<CacheItems, Q, CallResult<A>> action) {
    return several(right, parser, request -> List.of(key.apply(request)), action);
  }

  /** An operation on several items, with one response. */
  static <Q extends MessageLite, A extends MessageLite> Operation several(
      Right right,
      Parser<Q> parser,
      Function<Q, List<ByteString>> keys,
      BiFunction<CacheItems, Q, CallResult<A>> action) {
    return batch(
        right,
        parser,
        keys,
        (cache, request) ->
            action.apply(cache, request).map(answer -> List.<MessageLite>of(answer).iterator()));
  }

  /** An operation on several items, with a stream of responses, each made when it is sent. */
  static <Q extends MessageLite> Operation batch(
      Right right,
      Parser<Q> parser,
      Function<Q, List<ByteString>> keys,
      BiFunction<CacheItems, Q, CallResult<Iterator<MessageLite>>> action) {
    return input -> {
      Q request = parser.parseFrom(input);
      return new Call(right, keys.apply(request), cache -> action.apply(cache, request));
    };
  }
}
