"""The compiler of wide code: recorded scalars become steps on matrices, and these are differentiated and printed."""
