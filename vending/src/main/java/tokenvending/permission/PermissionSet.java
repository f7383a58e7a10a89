package tokenvending.permission;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The permissions of one token: at least one, at most {@value #LIMIT}, no two for the same
 * resources. These are Momento's limits (Momento docs, platform/limits/auth), so every set can be
 * minted.
 */
public final class PermissionSet {
  /** Momento's limit of permissions in one token. */
  public static final int LIMIT = 20;

  private final List<Permission> permissions;

  /** The text forms, cached because the set of a rule without templates serves every vend. */
  private volatile @Nullable List<String> texts;

  public PermissionSet(List<Permission> permissions) {
    this.permissions = List.copyOf(permissions);
    if (permissions.isEmpty() || permissions.size() > LIMIT) {
      throw new IllegalArgumentException("a token carries 1 to " + LIMIT + " permissions");
    }
    for (int i = 0; i < permissions.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (permissions.get(i).sameResources(permissions.get(j))) {
          throw new IllegalArgumentException(
              "two permissions of one token select the same resources");
        }
      }
    }
  }

  public List<Permission> permissions() {
    return permissions;
  }

  public static PermissionSet of(Permission... permissions) {
    return new PermissionSet(List.of(permissions));
  }

  /**
   * Whether a token with the other permissions can do nothing that a token with these cannot. Each
   * of the other permissions must be covered by a single one of these, because Momento requires one
   * statement to grant all the rights of a call.
   */
  public boolean covers(PermissionSet other) {
    for (Permission asked : other.permissions) {
      if (!coversOne(asked)) {
        return false;
      }
    }
    return true;
  }

  private boolean coversOne(Permission asked) {
    for (Permission permission : permissions) {
      if (permission.covers(asked)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the text forms, in order. */
  public List<String> texts() {
    List<String> known = texts;
    if (known == null) {
      List<String> written = new ArrayList<>(permissions.size());
      for (Permission permission : permissions) {
        written.add(permission.text());
      }
      known = List.copyOf(written);
      texts = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PermissionSet that && permissions.equals(that.permissions);
  }

  @Override
  public int hashCode() {
    return permissions.hashCode();
  }

  @Override
  public String toString() {
    return texts().toString();
  }
}
