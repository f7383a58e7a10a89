package tokenvending.api;

/** A name and one of its values: a query parameter, or a response header. */
public record Field(String name, String value) {}
