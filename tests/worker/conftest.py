"""What tests of workers share."""

import shutil

import pytest


@pytest.fixture(autouse=True)
def _store_of_before(migrated_sqlite, tmp_path):
    """Workers meet a store without rows; that they make one is tested where they are processes."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy2(migrated_sqlite, home / "precis.db")
