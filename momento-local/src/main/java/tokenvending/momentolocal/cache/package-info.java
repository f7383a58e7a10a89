/** Caches and their scalar items, with the Scs and ScsControl services. */
@NullMarked
package tokenvending.momentolocal.cache;

import org.jspecify.annotations.NullMarked;
