/** How often one caller or one address may ask. */
@NullMarked
package tokenvending.limits;

import org.jspecify.annotations.NullMarked;
