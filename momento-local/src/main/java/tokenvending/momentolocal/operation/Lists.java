package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import tokenvending.momentolocal.item.ElementList;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._ListConcatenateBackResponse;
import tokenvending.momentolocal.wire._ListConcatenateFrontRequest;
import tokenvending.momentolocal.wire._ListConcatenateFrontResponse;
import tokenvending.momentolocal.wire._ListEraseRequest;
import tokenvending.momentolocal.wire._ListEraseResponse;
import tokenvending.momentolocal.wire._ListFetchRequest;
import tokenvending.momentolocal.wire._ListFetchResponse;
import tokenvending.momentolocal.wire._ListLengthRequest;
import tokenvending.momentolocal.wire._ListLengthResponse;
import tokenvending.momentolocal.wire._ListPopBackRequest;
import tokenvending.momentolocal.wire._ListPopBackResponse;
import tokenvending.momentolocal.wire._ListPopFrontRequest;
import tokenvending.momentolocal.wire._ListPopFrontResponse;
import tokenvending.momentolocal.wire._ListPushBackRequest;
import tokenvending.momentolocal.wire._ListPushBackResponse;
import tokenvending.momentolocal.wire._ListPushFrontRequest;
import tokenvending.momentolocal.wire._ListPushFrontResponse;
import tokenvending.momentolocal.wire._ListRange;
import tokenvending.momentolocal.wire._ListRemoveRequest;
import tokenvending.momentolocal.wire._ListRemoveResponse;
import tokenvending.momentolocal.wire._ListRetainRequest;
import tokenvending.momentolocal.wire._ListRetainResponse;

/** What the operations on lists do. */
final class Lists {

  private Lists() {}

  static _ListFetchResponse fetch(ElementList list, _ListFetchRequest request) {
    _ListFetchResponse.Builder response = _ListFetchResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListFetchResponse._Missing.getDefaultInstance()).build();
    }
    Slice slice =
        Slice.of(
            request.getInclusiveStart(),
            request.hasExclusiveEnd() ? request.getExclusiveEnd() : list.length(),
            list.length());
    response.getFoundBuilder().addAllValues(slice.in(list.values()));
    return response.build();
  }

  static _ListLengthResponse length(ElementList list, _ListLengthRequest request) {
    _ListLengthResponse.Builder response = _ListLengthResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListLengthResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setLength(list.length());
    return response.build();
  }

  static _ListPushFrontResponse pushFront(ElementList list, _ListPushFrontRequest request) {
    concatenateFront(list, List.of(request.getValue()), request.getTruncateBackToSize());
    return _ListPushFrontResponse.newBuilder().setListLength(list.length()).build();
  }

  static _ListPushBackResponse pushBack(ElementList list, _ListPushBackRequest request) {
    concatenateBack(list, List.of(request.getValue()), request.getTruncateFrontToSize());
    return _ListPushBackResponse.newBuilder().setListLength(list.length()).build();
  }

  static _ListConcatenateFrontResponse concatenateFront(
      ElementList list, _ListConcatenateFrontRequest request) {
    concatenateFront(list, request.getValuesList(), request.getTruncateBackToSize());
    return _ListConcatenateFrontResponse.newBuilder().setListLength(list.length()).build();
  }

  static _ListConcatenateBackResponse concatenateBack(
      ElementList list, _ListConcatenateBackRequest request) {
    concatenateBack(list, request.getValuesList(), request.getTruncateFrontToSize());
    return _ListConcatenateBackResponse.newBuilder().setListLength(list.length()).build();
  }

  static _ListPopFrontResponse popFront(ElementList list, _ListPopFrontRequest request) {
    _ListPopFrontResponse.Builder response = _ListPopFrontResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListPopFrontResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setFront(list.removeFirst()).setListLength(list.length());
    return response.build();
  }

  static _ListPopBackResponse popBack(ElementList list, _ListPopBackRequest request) {
    _ListPopBackResponse.Builder response = _ListPopBackResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListPopBackResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setBack(list.removeLast()).setListLength(list.length());
    return response.build();
  }

  static _ListEraseResponse erase(ElementList list, _ListEraseRequest request) {
    _ListEraseResponse.Builder response = _ListEraseResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListEraseResponse._Missing.getDefaultInstance()).build();
    }
    switch (request.getEraseCase()) {
      case SOME -> erase(list, request.getSome().getRangesList());
      case ALL -> list.replace(List.of());
      case ERASE_NOT_SET -> {
        // Nothing was named.
      }
    }
    response.getFoundBuilder().setListLength(list.length());
    return response.build();
  }

  static _ListRemoveResponse remove(ElementList list, _ListRemoveRequest request) {
    _ListRemoveResponse.Builder response = _ListRemoveResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListRemoveResponse._Missing.getDefaultInstance()).build();
    }
    if (request.hasAllElementsWithValue()) {
      List<ByteString> left = list.values();
      left.removeIf(request.getAllElementsWithValue()::equals);
      list.replace(left);
    }
    response.getFoundBuilder().setListLength(list.length());
    return response.build();
  }

  static _ListRetainResponse retain(ElementList list, _ListRetainRequest request) {
    _ListRetainResponse.Builder response = _ListRetainResponse.newBuilder();
    if (list.isEmpty()) {
      return response.setMissing(_ListRetainResponse._Missing.getDefaultInstance()).build();
    }
    Slice slice =
        Slice.of(
            request.getInclusiveStart(),
            request.hasExclusiveEnd() ? request.getExclusiveEnd() : list.length(),
            list.length());
    list.replace(slice.in(list.values()));
    response.getFoundBuilder().setListLength(list.length());
    return response.build();
  }

  static Optional<CollectionTtl> retainTtl(_ListRetainRequest request) {
    return request.getRefreshTtl()
        ? Optional.of(new CollectionTtl(request.getTtlMilliseconds(), true))
        : Optional.empty();
  }

  private static void concatenateFront(ElementList list, List<ByteString> values, int most) {
    values.reversed().forEach(list::addFirst);
    while (isLonger(list, most)) {
      var _ = list.removeLast();
    }
  }

  private static void concatenateBack(ElementList list, List<ByteString> values, int most) {
    values.forEach(list::addLast);
    while (isLonger(list, most)) {
      var _ = list.removeFirst();
    }
  }

  /** Whether the list is to be truncated; the size is unsigned, and 0 means no limit. */
  private static boolean isLonger(ElementList list, int most) {
    return most != 0 && list.length() > Integer.toUnsignedLong(most);
  }

  /** Ranges can overlap, and can exceed the list. */
  private static void erase(ElementList list, List<_ListRange> ranges) {
    List<ByteString> values = list.values();
    BitSet erased = new BitSet(values.size());
    for (_ListRange range : ranges) {
      long begin = Integer.toUnsignedLong(range.getBeginIndex());
      long end = begin + Integer.toUnsignedLong(range.getCount());
      erased.set((int) Math.min(begin, values.size()), (int) Math.min(end, values.size()));
    }
    List<ByteString> left = new ArrayList<>(values.size());
    for (int i = erased.nextClearBit(0); i < values.size(); i = erased.nextClearBit(i + 1)) {
      left.add(values.get(i));
    }
    list.replace(left);
  }
}
