/** Caches and their items as JSON. */
@NullMarked
package tokenvending.momentolocal.snapshot;

import org.jspecify.annotations.NullMarked;
