"""Programs for development: installing, and running the tests many times."""
