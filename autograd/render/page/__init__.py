"""Pictures as pages, in which any number can be changed."""
