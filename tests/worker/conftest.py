"""What tests of workers share."""

import pytest


@pytest.fixture(autouse=True)
def _store_of_before(migrated_home):
    """Workers meet a store without rows; that they make one is tested where they are processes."""
