"""The compiler of deep code: recorded scalars are brought back to loops, and these are differentiated and printed."""
