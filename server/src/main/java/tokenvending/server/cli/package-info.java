/** The command line: a class for each command. */
@NullMarked
package tokenvending.server.cli;

import org.jspecify.annotations.NullMarked;
