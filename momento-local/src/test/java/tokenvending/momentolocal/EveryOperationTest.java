package tokenvending.momentolocal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.operation.OperationTable;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire.TopicRole;
import tokenvending.momentolocal.wire._PingResponse;

/** Crosses every operation on items with every kind of permission. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryOperationTest {

  private static final Set<String> READS =
      names(
          "Get GetWithHash GetBatch KeysExist ItemGetTtl ItemGetType DictionaryGet DictionaryFetch"
              + " DictionaryLength SetFetch SetSample SetContains SetLength ListFetch ListLength"
              + " SortedSetFetch SortedSetGetScore SortedSetGetRank SortedSetLength"
              + " SortedSetLengthByScore");
  private static final Set<String> WRITES =
      names(
          "Set SetBatch Delete DictionarySet DictionaryDelete SetUnion SetDifference ListPushFront"
              + " ListPushBack ListErase ListRemove ListConcatenateFront ListConcatenateBack"
              + " ListRetain SortedSetPut SortedSetRemove");
  private static final Set<String> BOTH =
      names(
          "SetIf SetIfHash SetIfNotExists Increment UpdateTtl DictionaryIncrement SetPop"
              + " ListPopFront ListPopBack SortedSetIncrement SortedSetUnionStore");

  /** What a permitted call on an item, of whatever type, can end with. */
  private static final List<Status.Code> PERMITTED =
      List.of(Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.FAILED_PRECONDITION);

  private static final String KEY = "pet-cat";

  private final Local local = Local.start();
  private final Map<String, Descriptors.MethodDescriptor> rpcs = rpcs();

  @AfterAll
  void stop() {
    local.close();
  }

  private record Grant(PermissionsType statement, boolean selects, CacheRole role) {}

  @Test
  void the_table_has_every_operation_of_the_protocol_once() {
    Set<String> all = new TreeSet<>(READS);
    all.addAll(WRITES);
    all.addAll(BOTH);
    assertThat(rpcs.keySet()).isEqualTo(all);
    assertThat(OperationTable.names()).containsExactlyInAnyOrderElementsOf(all);
    rpcs.forEach(
        (name, rpc) ->
            assertThat(OperationTable.streams(name)).as(name).isEqualTo(rpc.isServerStreaming()));
  }

  @Test
  void an_operation_is_allowed_by_exactly_what_permits_it() {
    for (Grant grant : grants()) {
      Channel channel = channel(local.mint(Grants.of(grant.statement())), CACHE);
      rpcs.forEach(
          (name, rpc) -> {
            boolean permitted = grant.selects() && covers(grant.role(), name);
            assertThat(call(channel, rpc))
                .as("%s with %s", name, grant)
                .isIn(permitted ? PERMITTED : List.of(Status.Code.PERMISSION_DENIED));
          });
    }
  }

  @Test
  void the_credential_comes_before_the_permission_and_the_permission_before_the_cache() {
    String none = local.mint(Grants.of(Grants.cache(CacheRole.CachePermitNone, "gone")));
    Map<Channel, Status.Code> expected =
        Map.of(
            channel("unknown", "gone"), Status.Code.UNAUTHENTICATED,
            channel(none, "gone"), Status.Code.PERMISSION_DENIED,
            channel(local.apiKey(), "gone"), Status.Code.NOT_FOUND);
    expected.forEach(
        (channel, code) ->
            rpcs.forEach((name, rpc) -> assertThat(call(channel, rpc)).as(name).isEqualTo(code)));
  }

  private static List<Grant> grants() {
    List<Grant> grants = new ArrayList<>();
    for (CacheRole role : CacheRole.values()) {
      if (role == CacheRole.UNRECOGNIZED) {
        continue;
      }
      grants.add(new Grant(Grants.cache(role, CACHE), true, role));
      grants.add(new Grant(Grants.allItems(role, CACHE), true, role));
      grants.add(new Grant(Grants.cache(role, "another"), false, role));
      grants.add(new Grant(Grants.key(role, CACHE, KEY), true, role));
      grants.add(new Grant(Grants.key(role, CACHE, "pet"), false, role));
      grants.add(new Grant(Grants.prefix(role, CACHE, "pet"), true, role));
      grants.add(new Grant(Grants.prefix(role, CACHE, "Pet"), false, role));
      grants.add(new Grant(Grants.prefix(role, CACHE, KEY + "-"), false, role));
    }
    CacheRole all = CacheRole.CacheReadWrite;
    grants.add(new Grant(Grants.topics(TopicRole.TopicReadWrite, CACHE), false, all));
    grants.add(new Grant(Grants.functions(), false, all));
    return grants;
  }

  private static boolean covers(CacheRole role, String operation) {
    return switch (role) {
      case CacheReadWrite -> true;
      case CacheReadOnly -> READS.contains(operation);
      case CacheWriteOnly -> WRITES.contains(operation);
      case CachePermitNone, UNRECOGNIZED -> false;
    };
  }

  private static Map<String, Descriptors.MethodDescriptor> rpcs() {
    ProtoServiceDescriptorSupplier schema =
        (ProtoServiceDescriptorSupplier) ScsGrpc.getServiceDescriptor().getSchemaDescriptor();
    Map<String, Descriptors.MethodDescriptor> all = new TreeMap<>();
    for (Descriptors.MethodDescriptor rpc :
        requireNonNull(schema).getServiceDescriptor().getMethods()) {
      all.put(rpc.getName(), rpc);
    }
    return all;
  }

  private Channel channel(String key, String cache) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), key);
    headers.put(Metadata.Key.of("cache", Metadata.ASCII_STRING_MARSHALLER), cache);
    return ClientInterceptors.intercept(
        local.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Status.Code call(Channel channel, Descriptors.MethodDescriptor rpc) {
    DynamicMessage request = onItem(rpc.getInputType());
    MethodDescriptor<DynamicMessage, _PingResponse> method =
        MethodDescriptor.<DynamicMessage, _PingResponse>newBuilder()
            .setType(rpc.isServerStreaming() ? MethodType.SERVER_STREAMING : MethodType.UNARY)
            .setFullMethodName(rpc.getService().getFullName() + "/" + rpc.getName())
            .setRequestMarshaller(ProtoUtils.marshaller(request))
            // Only the status matters.
            .setResponseMarshaller(ProtoUtils.marshaller(_PingResponse.getDefaultInstance()))
            .build();
    return Local.code(
        () ->
            ClientCalls.blockingServerStreamingCall(channel, method, CallOptions.DEFAULT, request)
                .forEachRemaining(response -> {}));
  }

  /** Returns a request for {@link #KEY}, which is in the first field of every request. */
  private static DynamicMessage onItem(Descriptors.Descriptor type) {
    DynamicMessage.Builder request = DynamicMessage.newBuilder(type);
    Descriptors.FieldDescriptor first = type.findFieldByNumber(1);
    Object item =
        first.getJavaType() == Descriptors.FieldDescriptor.JavaType.MESSAGE
            ? onItem(first.getMessageType())
            : ByteString.copyFromUtf8(KEY);
    if (first.isRepeated()) {
      var _ = request.addRepeatedField(first, item);
    } else {
      var _ = request.setField(first, item);
    }
    Descriptors.FieldDescriptor ttl = type.findFieldByName("ttl_milliseconds");
    if (ttl != null) {
      var _ = request.setField(ttl, 60_000L);
    }
    return request.build();
  }

  private static Set<String> names(String separated) {
    return Set.of(separated.split(" "));
  }
}
