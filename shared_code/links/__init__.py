"""Signed links: making tokens and believing them."""
