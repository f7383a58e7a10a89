/** Characters of names, digests, and JSON: one strict reader and one writer. */
@NullMarked
package tokenvending.text;

import org.jspecify.annotations.NullMarked;
