/** The audit log: one JSON object on one line for each request. */
@NullMarked
package tokenvending.auditlog;

import org.jspecify.annotations.NullMarked;
