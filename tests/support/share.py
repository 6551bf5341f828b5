"""How many examples a law draws that needs more of them than others, or fewer."""

from hypothesis import settings


def share(count: int) -> int:
    """So many where a law draws 25, and in proportion where the profile says otherwise; 3 at least."""
    return max(3, count * settings.default.max_examples // 25) if settings.default else count
