package tokenvending.lambda;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.api.Field;

/**
 * What an API Gateway REST API says of one request, to a proxy integration or to a request
 * authorizer. What it says of the caller is left out: whoever may invoke the function can write an
 * event, so the function verifies the credential in the headers itself.
 *
 * @param type {@code REQUEST} for an authorizer, else empty
 * @param resource the route, as the API declares it
 * @param proxyPath what {@code {proxy+}} stands for
 * @param headers by lower-case name, every value
 * @param query decoded, every value
 * @param body as it stands in the event
 * @param at when the gateway received it, where it says so
 * @param sourceIp of whoever connected to the gateway
 */
record GatewayEvent(
    String type,
    String methodArn,
    String httpMethod,
    String resource,
    String proxyPath,
    Map<String, List<String>> headers,
    List<Field> query,
    String body,
    boolean isBase64Encoded,
    String apiId,
    String stage,
    Optional<Instant> at,
    String sourceIp) {}
