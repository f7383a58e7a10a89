/** What can be watched of a machine at work. */
@NullMarked
package tokenvending.observation;

import org.jspecify.annotations.NullMarked;
