"""Builds the zips that are deployed: `make package`, or python -m ops.package."""
