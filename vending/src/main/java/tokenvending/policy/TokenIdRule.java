package tokenvending.policy;

import java.util.Optional;

/**
 * The templates of a token id. An authenticated caller's id never contains a value that the caller
 * chose: <code>${request.…}</code> applies to anonymous callers, and authenticated ones get their
 * subject.
 */
record TokenIdRule(Optional<Template> identified, Optional<Template> anonymous) {}
