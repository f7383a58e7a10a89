/** The rate budget of the account, and the queue of callers that wait for a permit. */
@NullMarked
package tokenvending.budget;

import org.jspecify.annotations.NullMarked;
