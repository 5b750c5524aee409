"""`precis digest …`: who has digests, what is due, and what one of some files looks like."""

import typer

from cli import digest_listing, digest_previewing, digest_running

app = typer.Typer(
    help="Digests: who has them, what is due, and of example files.", no_args_is_help=True
)
app.command("preview")(digest_previewing.preview)
app.command("list")(digest_listing.list_subscriptions)
app.command("run")(digest_running.run)
