/** Metrics in Prometheus's format. */
@NullMarked
package tokenvending.metrics;

import org.jspecify.annotations.NullMarked;
