package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;

/** A scalar value and its expiry, in epoch milliseconds. */
record Item(ByteString value, long expiresAt) {}
