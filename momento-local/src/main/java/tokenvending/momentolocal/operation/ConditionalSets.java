package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.item.Scalar;
import tokenvending.momentolocal.wire._SetIfHashRequest;
import tokenvending.momentolocal.wire._SetIfHashResponse;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsResponse;
import tokenvending.momentolocal.wire._SetIfRequest;
import tokenvending.momentolocal.wire._SetIfResponse;

/**
 * What the operations do that store a scalar value on a condition. A collection exists, and equals
 * no value.
 */
final class ConditionalSets {

  private ConditionalSets() {}

  private record Offer(ByteString key, ByteString value, long ttlMillis) {}

  static CallResult<_SetIfResponse> setIf(CacheItems cache, _SetIfRequest request) {
    return storeIf(
        cache,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        condition(request),
        stored -> {
          _SetIfResponse.Builder response = _SetIfResponse.newBuilder();
          var _ = stored ? response.getStoredBuilder() : response.getNotStoredBuilder();
          return response.build();
        });
  }

  static CallResult<_SetIfHashResponse> setIfHash(CacheItems cache, _SetIfHashRequest request) {
    return storeIf(
        cache,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        condition(request),
        stored -> {
          _SetIfHashResponse.Builder response = _SetIfHashResponse.newBuilder();
          var _ =
              stored
                  ? response.getStoredBuilder().setNewHash(hash(request.getCacheBody()))
                  : response.getNotStoredBuilder();
          return response.build();
        });
  }

  static CallResult<_SetIfNotExistsResponse> setIfNotExists(
      CacheItems cache, _SetIfNotExistsRequest request) {
    return storeIf(
        cache,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        Optional.of(Optional::isEmpty),
        stored -> {
          _SetIfNotExistsResponse.Builder response = _SetIfNotExistsResponse.newBuilder();
          var _ = stored ? response.getStoredBuilder() : response.getNotStoredBuilder();
          return response.build();
        });
  }

  /** Returns a hash. It is opaque to clients, and Momento's algorithm is not documented. */
  static ByteString hash(ByteString value) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(value.asReadOnlyByteBuffer());
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static Optional<Predicate<Optional<Item>>> condition(_SetIfRequest request) {
    return switch (request.getConditionCase()) {
      case PRESENT -> Optional.of(Optional::isPresent);
      case PRESENT_AND_NOT_EQUAL ->
          Optional.of(
              presentAnd(equal(request.getPresentAndNotEqual().getValueToCheck()).negate()));
      case ABSENT -> Optional.of(Optional::isEmpty);
      case EQUAL -> Optional.of(presentAnd(equal(request.getEqual().getValueToCheck())));
      case ABSENT_OR_EQUAL ->
          Optional.of(absentOr(equal(request.getAbsentOrEqual().getValueToCheck())));
      case NOT_EQUAL ->
          Optional.of(absentOr(equal(request.getNotEqual().getValueToCheck()).negate()));
      case CONDITION_NOT_SET -> Optional.empty();
    };
  }

  private static Optional<Predicate<Optional<Item>>> condition(_SetIfHashRequest request) {
    return switch (request.getConditionCase()) {
      case PRESENT_AND_NOT_HASH_EQUAL ->
          Optional.of(
              presentAnd(hashed(request.getPresentAndNotHashEqual().getHashToCheck()).negate()));
      case PRESENT_AND_HASH_EQUAL ->
          Optional.of(presentAnd(hashed(request.getPresentAndHashEqual().getHashToCheck())));
      case ABSENT_OR_HASH_EQUAL ->
          Optional.of(absentOr(hashed(request.getAbsentOrHashEqual().getHashToCheck())));
      case ABSENT_OR_NOT_HASH_EQUAL ->
          Optional.of(
              absentOr(hashed(request.getAbsentOrNotHashEqual().getHashToCheck()).negate()));
      case UNCONDITIONAL -> Optional.of(old -> true);
      case CONDITION_NOT_SET -> Optional.empty();
    };
  }

  /** Stores an item if the condition, which is required, holds for the previous one. */
  private static <A> CallResult<A> storeIf(
      CacheItems cache,
      Offer offer,
      Optional<Predicate<Optional<Item>>> condition,
      Function<Boolean, A> response) {
    Optional<CallError> flaw = Scalars.flaw(offer.value(), offer.ttlMillis());
    if (flaw.isPresent()) {
      return new CallResult.Refused<>(flaw.get());
    }
    if (condition.isEmpty()) {
      return new CallResult.Refused<>(CallError.invalid("the condition is missing"));
    }
    Item item = new Item(new Scalar(offer.value()), cache.expiry(offer.ttlMillis()));
    return cache.update(
        offer.key(),
        old -> {
          boolean stored = condition.get().test(old);
          return new ItemChange<>(
              stored ? Optional.of(item) : old, new CallResult.Reply<>(response.apply(stored)));
        });
  }

  private static Predicate<Optional<Item>> presentAnd(Predicate<Item> condition) {
    return old -> old.isPresent() && condition.test(old.get());
  }

  private static Predicate<Optional<Item>> absentOr(Predicate<Item> condition) {
    return old -> old.isEmpty() || condition.test(old.get());
  }

  private static Predicate<Item> equal(ByteString expected) {
    return item -> item.value() instanceof Scalar(ByteString content) && content.equals(expected);
  }

  private static Predicate<Item> hashed(ByteString expected) {
    return item ->
        item.value() instanceof Scalar(ByteString content) && hash(content).equals(expected);
  }
}
