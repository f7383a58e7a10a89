package tokenvending.momentolocal.item;

/** A value and its expiry, in epoch milliseconds. */
public record Item(Value value, long expiresAt) {}
