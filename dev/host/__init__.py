"""A small local host: drives the function app through Microsoft's own worker library."""
