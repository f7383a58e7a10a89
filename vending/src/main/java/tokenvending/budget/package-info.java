/** The account's budget of calls to the token service, and the queue of those who wait for it. */
@NullMarked
package tokenvending.budget;

import org.jspecify.annotations.NullMarked;
