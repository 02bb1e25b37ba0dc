"""Names of this very machine in addresses."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
