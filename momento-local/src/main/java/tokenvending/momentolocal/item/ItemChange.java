package tokenvending.momentolocal.item;

import java.util.Optional;

/**
 * The result of a change: the new item (empty removes it), and a value for the caller.
 *
 * @param <R> the type of the value for the caller
 */
public record ItemChange<R>(Optional<Item> left, R result) {}
