package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import tokenvending.momentolocal.item.ElementSet;
import tokenvending.momentolocal.wire._SetContainsRequest;
import tokenvending.momentolocal.wire._SetContainsResponse;
import tokenvending.momentolocal.wire._SetDifferenceRequest;
import tokenvending.momentolocal.wire._SetDifferenceResponse;
import tokenvending.momentolocal.wire._SetFetchRequest;
import tokenvending.momentolocal.wire._SetFetchResponse;
import tokenvending.momentolocal.wire._SetLengthRequest;
import tokenvending.momentolocal.wire._SetLengthResponse;
import tokenvending.momentolocal.wire._SetPopRequest;
import tokenvending.momentolocal.wire._SetPopResponse;
import tokenvending.momentolocal.wire._SetSampleRequest;
import tokenvending.momentolocal.wire._SetSampleResponse;
import tokenvending.momentolocal.wire._SetUnionRequest;
import tokenvending.momentolocal.wire._SetUnionResponse;

/** What the operations on sets do. */
final class Sets {

  private Sets() {}

  static _SetFetchResponse fetch(ElementSet set, _SetFetchRequest request) {
    _SetFetchResponse.Builder response = _SetFetchResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetFetchResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().addAllElements(set.elements());
    return response.build();
  }

  static _SetSampleResponse sample(ElementSet set, _SetSampleRequest request) {
    _SetSampleResponse.Builder response = _SetSampleResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetSampleResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().addAllElements(random(set, request.getLimit()));
    return response.build();
  }

  static _SetContainsResponse contains(ElementSet set, _SetContainsRequest request) {
    _SetContainsResponse.Builder response = _SetContainsResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetContainsResponse._Missing.getDefaultInstance()).build();
    }
    _SetContainsResponse._Found.Builder found = response.getFoundBuilder();
    request.getElementsList().forEach(element -> found.addContains(set.contains(element)));
    return response.build();
  }

  static _SetLengthResponse length(ElementSet set, _SetLengthRequest request) {
    _SetLengthResponse.Builder response = _SetLengthResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetLengthResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setLength(set.elements().size());
    return response.build();
  }

  static _SetUnionResponse union(ElementSet set, _SetUnionRequest request) {
    set.addAll(request.getElementsList());
    return _SetUnionResponse.getDefaultInstance();
  }

  static _SetDifferenceResponse difference(ElementSet set, _SetDifferenceRequest request) {
    _SetDifferenceResponse.Builder response = _SetDifferenceResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetDifferenceResponse._Missing.getDefaultInstance()).build();
    }
    switch (request.getDifferenceCase()) {
      case MINUEND -> subtractFrom(request.getMinuend().getElementsList(), set);
      case SUBTRAHEND -> subtract(request.getSubtrahend(), set);
      case DIFFERENCE_NOT_SET -> {
        // Nothing was named.
      }
    }
    return response.setFound(_SetDifferenceResponse._Found.getDefaultInstance()).build();
  }

  static _SetPopResponse pop(ElementSet set, _SetPopRequest request) {
    _SetPopResponse.Builder response = _SetPopResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SetPopResponse._Missing.getDefaultInstance()).build();
    }
    List<ByteString> popped = random(set, Integer.toUnsignedLong(request.getCount()));
    set.removeAll(popped);
    response.getFoundBuilder().addAllElements(popped);
    return response.build();
  }

  private static void subtract(_SetDifferenceRequest._Subtrahend subtrahend, ElementSet set) {
    switch (subtrahend.getSubtrahendSetCase()) {
      case SET -> set.removeAll(subtrahend.getSet().getElementsList());
      // The set itself.
      case IDENTITY -> set.clear();
      case SUBTRAHENDSET_NOT_SET -> {
        // Nothing was named.
      }
    }
  }

  /** Leaves those of the elements that the set does not contain. */
  private static void subtractFrom(List<ByteString> minuend, ElementSet set) {
    List<ByteString> left = minuend.stream().filter(element -> !set.contains(element)).toList();
    set.clear();
    set.addAll(left);
  }

  /** Returns different elements; the limit is unsigned. */
  private static List<ByteString> random(ElementSet set, long limit) {
    return set.sample(limit < 0 ? Long.MAX_VALUE : limit, ThreadLocalRandom.current());
  }
}
