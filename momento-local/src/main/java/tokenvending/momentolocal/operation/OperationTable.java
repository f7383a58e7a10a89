package tokenvending.momentolocal.operation;

import static tokenvending.momentolocal.operation.CollectionRow.dictionary;
import static tokenvending.momentolocal.operation.CollectionRow.list;
import static tokenvending.momentolocal.operation.CollectionRow.set;
import static tokenvending.momentolocal.operation.CollectionRow.sortedSet;
import static tokenvending.momentolocal.operation.Operation.batch;
import static tokenvending.momentolocal.operation.Operation.one;
import static tokenvending.momentolocal.operation.Operation.several;
import static tokenvending.momentolocal.permission.Right.READ;
import static tokenvending.momentolocal.permission.Right.READ_AND_WRITE;
import static tokenvending.momentolocal.permission.Right.WRITE;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.util.List;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._DictionaryDeleteRequest;
import tokenvending.momentolocal.wire._DictionaryFetchRequest;
import tokenvending.momentolocal.wire._DictionaryGetRequest;
import tokenvending.momentolocal.wire._DictionaryIncrementRequest;
import tokenvending.momentolocal.wire._DictionaryLengthRequest;
import tokenvending.momentolocal.wire._DictionarySetRequest;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetWithHashRequest;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._ItemGetTtlRequest;
import tokenvending.momentolocal.wire._ItemGetTypeRequest;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._ListConcatenateFrontRequest;
import tokenvending.momentolocal.wire._ListEraseRequest;
import tokenvending.momentolocal.wire._ListFetchRequest;
import tokenvending.momentolocal.wire._ListLengthRequest;
import tokenvending.momentolocal.wire._ListPopBackRequest;
import tokenvending.momentolocal.wire._ListPopFrontRequest;
import tokenvending.momentolocal.wire._ListPushBackRequest;
import tokenvending.momentolocal.wire._ListPushFrontRequest;
import tokenvending.momentolocal.wire._ListRemoveRequest;
import tokenvending.momentolocal.wire._ListRetainRequest;
import tokenvending.momentolocal.wire._SetBatchRequest;
import tokenvending.momentolocal.wire._SetContainsRequest;
import tokenvending.momentolocal.wire._SetDifferenceRequest;
import tokenvending.momentolocal.wire._SetFetchRequest;
import tokenvending.momentolocal.wire._SetIfHashRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetIfRequest;
import tokenvending.momentolocal.wire._SetLengthRequest;
import tokenvending.momentolocal.wire._SetPopRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetSampleRequest;
import tokenvending.momentolocal.wire._SetUnionRequest;
import tokenvending.momentolocal.wire._SortedSetFetchRequest;
import tokenvending.momentolocal.wire._SortedSetGetRankRequest;
import tokenvending.momentolocal.wire._SortedSetGetScoreRequest;
import tokenvending.momentolocal.wire._SortedSetIncrementRequest;
import tokenvending.momentolocal.wire._SortedSetLengthByScoreRequest;
import tokenvending.momentolocal.wire._SortedSetLengthRequest;
import tokenvending.momentolocal.wire._SortedSetPutRequest;
import tokenvending.momentolocal.wire._SortedSetRemoveRequest;
import tokenvending.momentolocal.wire._SortedSetUnionStoreRequest;
import tokenvending.momentolocal.wire._UpdateTtlRequest;

/** All operations of {@code cache_client.Scs}. */
public final class OperationTable {

  /** The operations whose responses are streams. */
  private static final List<String> BATCHES = List.of("GetBatch", "SetBatch");

  private static final String NAMES =
      """
      Get GetWithHash GetBatch Set SetBatch SetIf SetIfHash SetIfNotExists Delete
      KeysExist Increment UpdateTtl ItemGetTtl ItemGetType DictionaryGet DictionaryFetch
      DictionaryLength DictionarySet DictionaryIncrement DictionaryDelete SetFetch
      SetSample SetContains SetLength SetUnion SetDifference SetPop ListFetch ListLength
      ListPushFront ListPushBack ListConcatenateFront ListConcatenateBack ListRemove
      ListErase ListRetain ListPopFront ListPopBack SortedSetFetch SortedSetGetScore
      SortedSetGetRank SortedSetLength SortedSetLengthByScore SortedSetPut
      SortedSetIncrement SortedSetRemove SortedSetUnionStore
      """;

  private OperationTable() {}

  /** The names of all operations. */
  public static List<String> names() {
    return List.of(NAMES.strip().split("\\s+"));
  }

  /** Whether the responses of an operation are a stream. */
  public static boolean streams(String rpc) {
    return BATCHES.contains(rpc);
  }

  /** Returns an operation. The classes that it needs are loaded when it is first requested. */
  public static Operation of(String rpc) {
    return switch (rpc) {
      case "Get" -> one(READ, _GetRequest.parser(), _GetRequest::getCacheKey, Scalars::get);
      case "GetWithHash" ->
          one(
              READ,
              _GetWithHashRequest.parser(),
              _GetWithHashRequest::getCacheKey,
              Scalars::getWithHash);
      case "GetBatch" ->
          batch(
              READ,
              _GetBatchRequest.parser(),
              request -> request.getItemsList().stream().map(_GetRequest::getCacheKey).toList(),
              Scalars::getBatch);
      case "Set" -> one(WRITE, _SetRequest.parser(), _SetRequest::getCacheKey, Scalars::set);
      case "SetBatch" ->
          batch(
              WRITE,
              _SetBatchRequest.parser(),
              request -> request.getItemsList().stream().map(_SetRequest::getCacheKey).toList(),
              Scalars::setBatch);
      case "SetIf" ->
          one(
              READ_AND_WRITE,
              _SetIfRequest.parser(),
              _SetIfRequest::getCacheKey,
              ConditionalSets::setIf);
      case "SetIfHash" ->
          one(
              READ_AND_WRITE,
              _SetIfHashRequest.parser(),
              _SetIfHashRequest::getCacheKey,
              ConditionalSets::setIfHash);
      case "SetIfNotExists" ->
          one(
              READ_AND_WRITE,
              _SetIfNotExistsRequest.parser(),
              _SetIfNotExistsRequest::getCacheKey,
              ConditionalSets::setIfNotExists);
      case "Delete" ->
          one(WRITE, _DeleteRequest.parser(), _DeleteRequest::getCacheKey, Scalars::delete);
      case "KeysExist" ->
          several(
              READ,
              _KeysExistRequest.parser(),
              _KeysExistRequest::getCacheKeysList,
              AnyItems::exist);
      case "Increment" ->
          one(
              READ_AND_WRITE,
              _IncrementRequest.parser(),
              _IncrementRequest::getCacheKey,
              Scalars::increment);
      case "UpdateTtl" ->
          one(
              READ_AND_WRITE,
              _UpdateTtlRequest.parser(),
              _UpdateTtlRequest::getCacheKey,
              AnyItems::updateTtl);
      case "ItemGetTtl" ->
          one(READ, _ItemGetTtlRequest.parser(), _ItemGetTtlRequest::getCacheKey, AnyItems::getTtl);
      case "ItemGetType" ->
          one(
              READ,
              _ItemGetTypeRequest.parser(),
              _ItemGetTypeRequest::getCacheKey,
              AnyItems::getType);
      case "DictionaryGet" ->
          dictionary(_DictionaryGetRequest.parser(), _DictionaryGetRequest::getDictionaryName)
              .look(Dictionaries::get);
      case "DictionaryFetch" ->
          dictionary(_DictionaryFetchRequest.parser(), _DictionaryFetchRequest::getDictionaryName)
              .look(Dictionaries::fetch);
      case "DictionaryLength" ->
          dictionary(_DictionaryLengthRequest.parser(), _DictionaryLengthRequest::getDictionaryName)
              .look(Dictionaries::length);
      case "DictionarySet" ->
          dictionary(_DictionarySetRequest.parser(), _DictionarySetRequest::getDictionaryName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  _DictionarySetRequest::getItemsCount,
                  Dictionaries::set);
      case "DictionaryIncrement" ->
          dictionary(
                  _DictionaryIncrementRequest.parser(),
                  _DictionaryIncrementRequest::getDictionaryName)
              .increment(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  Dictionaries::increment);
      case "DictionaryDelete" ->
          dictionary(_DictionaryDeleteRequest.parser(), _DictionaryDeleteRequest::getDictionaryName)
              .take(WRITE, Dictionaries::delete);
      case "SetFetch" ->
          set(_SetFetchRequest.parser(), _SetFetchRequest::getSetName).look(Sets::fetch);
      case "SetSample" ->
          set(_SetSampleRequest.parser(), _SetSampleRequest::getSetName).look(Sets::sample);
      case "SetContains" ->
          set(_SetContainsRequest.parser(), _SetContainsRequest::getSetName).look(Sets::contains);
      case "SetLength" ->
          set(_SetLengthRequest.parser(), _SetLengthRequest::getSetName).look(Sets::length);
      case "SetUnion" ->
          set(_SetUnionRequest.parser(), _SetUnionRequest::getSetName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  _SetUnionRequest::getElementsCount,
                  Sets::union);
      case "SetDifference" ->
          set(_SetDifferenceRequest.parser(), _SetDifferenceRequest::getSetName)
              .take(WRITE, Sets::difference);
      case "SetPop" ->
          set(_SetPopRequest.parser(), _SetPopRequest::getSetName).take(READ_AND_WRITE, Sets::pop);
      case "ListFetch" ->
          list(_ListFetchRequest.parser(), _ListFetchRequest::getListName).look(Lists::fetch);
      case "ListLength" ->
          list(_ListLengthRequest.parser(), _ListLengthRequest::getListName).look(Lists::length);
      case "ListPushFront" ->
          list(_ListPushFrontRequest.parser(), _ListPushFrontRequest::getListName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  request -> 1,
                  Lists::pushFront);
      case "ListPushBack" ->
          list(_ListPushBackRequest.parser(), _ListPushBackRequest::getListName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  request -> 1,
                  Lists::pushBack);
      case "ListConcatenateFront" ->
          list(_ListConcatenateFrontRequest.parser(), _ListConcatenateFrontRequest::getListName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  _ListConcatenateFrontRequest::getValuesCount,
                  Lists::concatenateFront);
      case "ListConcatenateBack" ->
          list(_ListConcatenateBackRequest.parser(), _ListConcatenateBackRequest::getListName)
              .add(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  _ListConcatenateBackRequest::getValuesCount,
                  Lists::concatenateBack);
      case "ListRemove" ->
          list(_ListRemoveRequest.parser(), _ListRemoveRequest::getListName)
              .take(WRITE, Lists::remove);
      case "ListErase" ->
          list(_ListEraseRequest.parser(), _ListEraseRequest::getListName)
              .take(WRITE, Lists::erase);
      case "ListRetain" ->
          list(_ListRetainRequest.parser(), _ListRetainRequest::getListName)
              .take(WRITE, Lists::retainTtl, Lists::retain);
      case "ListPopFront" ->
          list(_ListPopFrontRequest.parser(), _ListPopFrontRequest::getListName)
              .take(READ_AND_WRITE, Lists::popFront);
      case "ListPopBack" ->
          list(_ListPopBackRequest.parser(), _ListPopBackRequest::getListName)
              .take(READ_AND_WRITE, Lists::popBack);
      case "SortedSetFetch" ->
          sortedSet(_SortedSetFetchRequest.parser(), _SortedSetFetchRequest::getSetName)
              .look(SortedSets::fetch);
      case "SortedSetGetScore" ->
          sortedSet(_SortedSetGetScoreRequest.parser(), _SortedSetGetScoreRequest::getSetName)
              .look(SortedSets::getScore);
      case "SortedSetGetRank" ->
          sortedSet(_SortedSetGetRankRequest.parser(), _SortedSetGetRankRequest::getSetName)
              .look(SortedSets::getRank);
      case "SortedSetLength" ->
          sortedSet(_SortedSetLengthRequest.parser(), _SortedSetLengthRequest::getSetName)
              .look(SortedSets::length);
      case "SortedSetLengthByScore" ->
          sortedSet(
                  _SortedSetLengthByScoreRequest.parser(),
                  _SortedSetLengthByScoreRequest::getSetName)
              .look(SortedSets::lengthByScore);
      case "SortedSetPut" ->
          sortedSet(_SortedSetPutRequest.parser(), _SortedSetPutRequest::getSetName)
              .tryAdd(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  request -> 2 * request.getElementsCount(),
                  SortedSets::put);
      case "SortedSetIncrement" ->
          sortedSet(_SortedSetIncrementRequest.parser(), _SortedSetIncrementRequest::getSetName)
              .increment(
                  request ->
                      new CollectionTtl(request.getTtlMilliseconds(), request.getRefreshTtl()),
                  SortedSets::increment);
      case "SortedSetRemove" ->
          sortedSet(_SortedSetRemoveRequest.parser(), _SortedSetRemoveRequest::getSetName)
              .take(WRITE, SortedSets::remove);
      case "SortedSetUnionStore" ->
          several(
              READ_AND_WRITE,
              _SortedSetUnionStoreRequest.parser(),
              UnionStore::keys,
              UnionStore::store);
      default -> throw new IllegalArgumentException("no such operation: " + rpc);
    };
  }

  /** Returns the call of a request that is not read from a client, such as one of another API. */
  public static Operation.Call call(String rpc, MessageLite request) {
    try {
      return of(rpc).read(request.toByteString().newInput());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a request that was just written", e);
    }
  }
}
