"""What a picture of a graph shows: which nodes and arrows, what they are called, and whose numbers they have."""
