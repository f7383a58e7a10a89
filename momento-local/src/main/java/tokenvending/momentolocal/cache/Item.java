package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;

/** A scalar value and the moment it runs out, in epoch milliseconds. */
record Item(ByteString value, long expiresAt) {}
