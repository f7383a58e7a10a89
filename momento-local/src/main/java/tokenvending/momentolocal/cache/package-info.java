/** Caches and their scalar items, and the Scs and ScsControl services over them. */
@NullMarked
package tokenvending.momentolocal.cache;

import org.jspecify.annotations.NullMarked;
