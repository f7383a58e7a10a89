/** Text: visible characters, digests, and JSON with one strict reader and one writer. */
@NullMarked
package tokenvending.text;

import org.jspecify.annotations.NullMarked;
