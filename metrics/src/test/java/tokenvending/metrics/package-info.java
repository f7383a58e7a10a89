@NullMarked
package tokenvending.metrics;

import org.jspecify.annotations.NullMarked;
