package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.Optional;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Dictionary;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire._DictionaryDeleteRequest;
import tokenvending.momentolocal.wire._DictionaryDeleteResponse;
import tokenvending.momentolocal.wire._DictionaryFetchRequest;
import tokenvending.momentolocal.wire._DictionaryFetchResponse;
import tokenvending.momentolocal.wire._DictionaryFieldValuePair;
import tokenvending.momentolocal.wire._DictionaryGetRequest;
import tokenvending.momentolocal.wire._DictionaryGetResponse;
import tokenvending.momentolocal.wire._DictionaryIncrementRequest;
import tokenvending.momentolocal.wire._DictionaryIncrementResponse;
import tokenvending.momentolocal.wire._DictionaryLengthRequest;
import tokenvending.momentolocal.wire._DictionaryLengthResponse;
import tokenvending.momentolocal.wire._DictionarySetRequest;
import tokenvending.momentolocal.wire._DictionarySetResponse;

/** What the operations on dictionaries do. */
final class Dictionaries {

  private Dictionaries() {}

  static _DictionaryGetResponse get(Dictionary dictionary, _DictionaryGetRequest request) {
    _DictionaryGetResponse.Builder response = _DictionaryGetResponse.newBuilder();
    if (dictionary.isEmpty()) {
      return response.setMissing(_DictionaryGetResponse._Missing.getDefaultInstance()).build();
    }
    _DictionaryGetResponse._Found.Builder found = response.getFoundBuilder();
    for (ByteString field : request.getFieldsList()) {
      Optional<ByteString> value = dictionary.get(field);
      found
          .addItemsBuilder()
          .setResult(value.isPresent() ? ECacheResult.Hit : ECacheResult.Miss)
          .setCacheBody(value.orElse(ByteString.EMPTY));
    }
    return response.build();
  }

  static _DictionaryFetchResponse fetch(Dictionary dictionary, _DictionaryFetchRequest request) {
    _DictionaryFetchResponse.Builder response = _DictionaryFetchResponse.newBuilder();
    if (dictionary.isEmpty()) {
      return response.setMissing(_DictionaryFetchResponse._Missing.getDefaultInstance()).build();
    }
    _DictionaryFetchResponse._Found.Builder found = response.getFoundBuilder();
    dictionary
        .fields()
        .forEach((field, value) -> found.addItemsBuilder().setField(field).setValue(value));
    return response.build();
  }

  static _DictionaryLengthResponse length(Dictionary dictionary, _DictionaryLengthRequest request) {
    _DictionaryLengthResponse.Builder response = _DictionaryLengthResponse.newBuilder();
    if (dictionary.isEmpty()) {
      return response.setMissing(_DictionaryLengthResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setLength(dictionary.fields().size());
    return response.build();
  }

  static _DictionarySetResponse set(Dictionary dictionary, _DictionarySetRequest request) {
    for (_DictionaryFieldValuePair pair : request.getItemsList()) {
      dictionary.put(pair.getField(), pair.getValue());
    }
    return _DictionarySetResponse.getDefaultInstance();
  }

  static CallResult<_DictionaryIncrementResponse> increment(
      Dictionary dictionary, _DictionaryIncrementRequest request) {
    return Integers.add(dictionary.get(request.getField()), request.getAmount())
        .map(
            sum -> {
              dictionary.put(request.getField(), Integers.bytes(sum));
              return _DictionaryIncrementResponse.newBuilder().setValue(sum).build();
            });
  }

  static _DictionaryDeleteResponse delete(Dictionary dictionary, _DictionaryDeleteRequest request) {
    switch (request.getDeleteCase()) {
      case SOME -> request.getSome().getFieldsList().forEach(dictionary::remove);
      case ALL -> dictionary.clear();
      case DELETE_NOT_SET -> {
        // Nothing was named.
      }
    }
    return _DictionaryDeleteResponse.getDefaultInstance();
  }
}
