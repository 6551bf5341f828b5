"""Programs as C that stands alone, and as JavaScript."""
