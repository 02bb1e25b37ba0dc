"""Measures the service against other ways to do the same; `python -m bench [--quick]`."""
