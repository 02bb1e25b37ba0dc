"""Builds the zip that is deployed: `make package`, or python -m ops.package."""
