"""The use cases: what is done in which order, over the protocols of core/ports."""
