/** Authentication methods: passwords, JWTs of any OpenID Connect issuer, anonymous callers. */
@NullMarked
package tokenvending.authentication;

import org.jspecify.annotations.NullMarked;
