/** Items of caches: scalars and collections, in a store of limited size. */
@NullMarked
package tokenvending.momentolocal.item;

import org.jspecify.annotations.NullMarked;
