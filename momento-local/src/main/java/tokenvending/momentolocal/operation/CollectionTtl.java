package tokenvending.momentolocal.operation;

/**
 * The lifetime of a collection, in milliseconds: for a new one, and for an existing one if it is to
 * be refreshed.
 */
record CollectionTtl(long millis, boolean refresh) {}
