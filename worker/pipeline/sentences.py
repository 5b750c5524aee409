"""Splits text into sentences, and shortens them. Knows nothing of conversations.

Rule-based on purpose: chat has few abbreviations and much missing punctuation, and the rules
hold for any script that ends sentences with `.`, `!`, `?`, `…`, `。`, `؟`, `।`.
"""

import regex

_END = regex.compile(
    r"""(?<=[.!?…。！？؟।][\"'”’»)\]]*)        # closing punctuation
        (?<!\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Ms|Dr|Prof|St|No|p|pp|approx)\.)
        (?<!\b\p{Lu}\.)                          # initials
        (?:\s+(?=[\p{Lu}\p{Lo}\p{N}"'“«(\[#@])|(?<=[。！？]))""",
    regex.VERBOSE,
)


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped, none empty; lines always end a sentence."""
    return [
        sentence.strip()
        for line in text.splitlines()
        for sentence in _END.split(line)
        if sentence and sentence.strip()
    ]


def first_sentences(text: str, limit: int) -> str:
    """As many of the first sentences as `limit` characters hold; at least one, shortened."""
    sentences = split_sentences(text)
    said = sentences[0] if sentences else text
    for sentence in sentences[1:]:
        if len(said) + 1 + len(sentence) > limit:
            break
        said = f"{said} {sentence}"
    return shorten(said, limit)


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut between words where there are any, with `…`."""
    if len(text) <= limit:
        return text
    kept = ""
    for cluster in regex.findall(r"\X", text):  # never splits what a reader sees as one character
        if len(kept) + len(cluster) > limit - 1:
            break
        kept += cluster
    words, space, _ = kept.rpartition(" ")
    return (words if space and len(words) > limit // 2 else kept).rstrip(" ,;:–—-") + "…"
