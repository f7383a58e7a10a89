/** The operations of {@code cache_client.Scs}: what each requires, and what it does with items. */
@NullMarked
package tokenvending.momentolocal.operation;

import org.jspecify.annotations.NullMarked;
