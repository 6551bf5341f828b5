"""Perceptrons and multilayer perceptrons built from `autograd.Value`."""
