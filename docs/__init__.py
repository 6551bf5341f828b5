"""The documentation of scalar-autograd."""
