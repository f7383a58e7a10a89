package tokenvending.block;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tokenvending.text.Digest;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * An entry of the list of blocked callers. The later entry of a caller counts; a block that was
 * lifted stays in the list for a while, so that no instance remembers the earlier one.
 *
 * @param issuer absent for callers of every issuer
 * @param lifted whether the caller is no longer blocked
 * @param at when the operator decided
 * @param until when the entry ends, if it does
 * @param reason for the audit log
 */
public record Block(
    Optional<String> issuer,
    String subject,
    boolean lifted,
    Instant at,
    Optional<Instant> until,
    Optional<String> reason) {
  /** Longer than any instance can miss the store and still have the earlier entry. */
  private static final Duration LIFTED_STAYS = Duration.ofDays(30);

  /** Whom an entry is about. */
  record Key(Optional<String> issuer, String subject) {}

  Key key() {
    return new Key(issuer, subject);
  }

  /** Returns the entry that lifts this one. */
  public Block lift(Instant now) {
    return new Block(
        issuer, subject, true, now, Optional.of(now.plus(LIFTED_STAYS)), Optional.empty());
  }

  public boolean isOver(Instant now) {
    return until.isPresent() && !now.isBefore(until.get());
  }

  /** Returns whether this entry counts more than another one of the same caller. */
  boolean supersedes(Block other) {
    int later = at.compareTo(other.at);
    return later > 0 || (later == 0 && !lifted && other.lifted);
  }

  /** The name in a store: 22 characters of base64url. */
  String name() {
    return Digest.of(Digest.encoded(issuer.orElse(""), subject)).text();
  }

  String encoded() {
    JsonObject json =
        new JsonObject()
            .text("issuer", issuer)
            .text("subject", subject)
            .flag("lifted", lifted)
            .number("at", at.toEpochMilli());
    until.ifPresent(end -> json.number("until", end.toEpochMilli()));
    return new String(json.text("reason", reason).utf8(), UTF_8);
  }

  /** Returns the entry; empty if the text is not one. */
  static Optional<Block> decoded(String text) {
    return Json.object(text).flatMap(Block::decoded);
  }

  private static Optional<Block> decoded(Json.Members members) {
    Optional<String> subject = members.text("subject");
    Optional<Instant> at = time(members, "at");
    Optional<Instant> until = time(members, "until");
    boolean lifted = new Json.Bool(true).equals(members.find("lifted").orElse(new Json.Null()));
    return subject.isEmpty() || at.isEmpty() || members.has("until") != until.isPresent()
        ? Optional.empty()
        : Optional.of(
            new Block(
                members.text("issuer"),
                subject.get(),
                lifted,
                at.get(),
                until,
                members.text("reason")));
  }

  private static Optional<Instant> time(Json.Members members, String name) {
    return members.find(name).orElse(new Json.Null()) instanceof Json.Numeral(String millis)
            && millis.matches("[0-9]{1,15}")
        ? Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)))
        : Optional.empty();
  }
}
