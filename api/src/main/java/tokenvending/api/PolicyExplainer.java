package tokenvending.api;

import java.util.List;
import java.util.Map;
import tokenvending.identity.Attempt;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.policy.Explanation;
import tokenvending.request.VendRequest;

/** Explains what a policy decides about a request, and why. Mints nothing. */
public interface PolicyExplainer {
  /** What there is to say. */
  sealed interface Explained {
    /**
     * A caller whom the policy was asked about.
     *
     * @param rules the ids of all rules, in order
     */
    record Decided(Principal caller, List<String> rules, Explanation explanation)
        implements Explained {
      public Decided {
        rules = List.copyOf(rules);
      }
    }

    /**
     * The caller is not authenticated, so no policy applies.
     *
     * @param why a phrase for people
     */
    record NotAuthenticated(String why) implements Explained {}
  }

  /** For the caller who shows this credential. */
  Explained explain(PresentedCredential credential, VendRequest request, Attempt attempt);

  /** For a described caller, whose claims count as verified. */
  Explained explain(Map<String, List<String>> claims, VendRequest request, Attempt attempt);
}
