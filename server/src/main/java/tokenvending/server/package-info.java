/** The standalone server and the command line. */
@NullMarked
package tokenvending.server;

import org.jspecify.annotations.NullMarked;
