"""What the trials of providers share."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pycurl duplicates the socket that the door opens and lets go of the original unclosed."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))
