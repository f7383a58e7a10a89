package tokenvending.lambda.runtime;

import java.time.Instant;

/**
 * One event to be answered.
 *
 * @param id of the request, as AWS gave it
 * @param deadline when Lambda ends the process if there is no answer
 * @param event UTF-8 JSON, at most 6 MB
 */
public record Invocation(String id, Instant deadline, byte[] event) {}
