/** What happens, counted, and how it is, as Prometheus reads it. */
@NullMarked
package tokenvending.metrics;

import org.jspecify.annotations.NullMarked;
