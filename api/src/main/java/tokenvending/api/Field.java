package tokenvending.api;

/** A name with one of its values: a query parameter, or a header of an answer. */
public record Field(String name, String value) {}
