"""One page of what the models are worth, as HTML and as Markdown, with plots."""
