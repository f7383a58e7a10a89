/** The ways in: passwords, JWTs of any OpenID Connect issuer, what a gateway verified, anybody. */
@NullMarked
package tokenvending.authentication;

import org.jspecify.annotations.NullMarked;
