package tokenvending.budget;

import java.net.InetAddress;
import java.util.Optional;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.text.Digest;

/**
 * In whose name a call to the token service is made: an identified caller, or for anonymous ones
 * the network they come from.
 *
 * @param key tells applicants apart; of fixed length, and says nothing about who it is
 * @param crowd whether several people may stand behind it
 */
public record Applicant(String key, boolean crowd) {
  public static Applicant of(Principal caller, ClientAddress from) {
    Optional<String> subject = caller.subject();
    if (subject.isPresent()) {
      return new Applicant(Digest.of("caller", caller.issuer(), subject.get()).text(), false);
    }
    InetAddress network = from.network();
    return new Applicant(Digest.of("network", network.getHostAddress()).text(), true);
  }
}
