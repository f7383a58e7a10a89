/** Callers whom an operator has blocked, on all instances. */
@NullMarked
package tokenvending.block;

import org.jspecify.annotations.NullMarked;
