package tokenvending.momentolocal.item;

import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/**
 * The content of an item. Collections are mutable; they are used only inside {@link ItemStore#read}
 * and {@link ItemStore#update}, which hold the lock.
 */
public sealed interface Value permits Scalar, Dictionary, ElementSet, ElementList, SortedSet {

  /** The most bytes of a collection, with the overhead of its elements. */
  long MAX_COLLECTION_BYTES = 32 * 1024 * 1024;

  /** The approximate memory of an element besides its content, in bytes. */
  int ELEMENT_OVERHEAD = 128;

  /** The type, as {@code ItemGetType} returns it. */
  ItemType type();

  /** The bytes that count against limits. */
  long bytes();

  /** Whether there are no elements. Such a collection is not stored. */
  boolean isEmpty();

  /** Whether this many elements can be added, with this many bytes of content in total. */
  default boolean hasRoomFor(int elements, long contentBytes) {
    return bytes() + contentBytes + (long) elements * ELEMENT_OVERHEAD <= MAX_COLLECTION_BYTES;
  }
}
