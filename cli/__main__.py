"""`python -m cli`, as launchers of several processes start it."""

from cli.main import main

main()
