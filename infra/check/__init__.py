"""Checks of the templates that need no cloud: python -m infra.check."""
