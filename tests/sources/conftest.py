"""Lets msgraph-sdk be imported where warnings are errors: its generated builders warn of themselves."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    for words in ("This class is deprecated", "GetQueryParameters is deprecated"):
        config.addinivalue_line("filterwarnings", f"ignore:{words}:DeprecationWarning")
