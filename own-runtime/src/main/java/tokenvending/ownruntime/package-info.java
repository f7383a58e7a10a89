/** Packs the functions with a Java of their own, and a cache that makes it start fast. */
@NullMarked
package tokenvending.ownruntime;

import org.jspecify.annotations.NullMarked;
