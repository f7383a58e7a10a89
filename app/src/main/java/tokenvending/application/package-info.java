/** The composition root: a configuration becomes a running machine. */
@NullMarked
package tokenvending.application;

import org.jspecify.annotations.NullMarked;
