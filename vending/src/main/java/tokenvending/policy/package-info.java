/** The policy: the checked file, compiled to an immutable value. */
@NullMarked
package tokenvending.policy;

import org.jspecify.annotations.NullMarked;
