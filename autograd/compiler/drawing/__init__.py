"""Programs as pictures and as text."""
