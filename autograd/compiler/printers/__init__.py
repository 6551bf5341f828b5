"""Programs as text, in one language each: C, Python, JavaScript and JAX."""
