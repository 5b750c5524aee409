"""How time and memory grow with the conversation: `make bench`.

Summarises made-up channels of 100 to 10,000 messages with the embedded set-up, each in a process
of its own, three times, and takes the fastest. Times are given per message against the smallest
channel of the same run, since seconds differ from machine to machine.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

SIZES = (100, 300, 1_000, 3_000, 10_000)
REPEATS = 3
TOPICS = {
    "exam": "revision session exam chapter question graph proof room Thursday professor mark",
    "code": "function cache recursion test compiler error branch commit table index loop",
    "trip": "train ticket hostel lake weekend weather tent price car Saturday map",
    "lunch": "pizza canteen noodles vegetarian queue noon coffee table dessert menu price",
}
FILLER = "I you we they should could maybe really think need want about with for the a and but not"


def talk(count: int, seed: int = 0) -> list[dict[str, object]]:
    """A channel of `count` messages by 12 people, two topics at a time, in our JSON lines."""
    chooser = random.Random(seed)
    start = datetime(2026, 1, 31, 8, tzinfo=UTC)
    messages: list[dict[str, object]] = []
    for number in range(count):
        topic = list(TOPICS)[(number // 40 + number % 2) % len(TOPICS)]
        words = chooser.choices(TOPICS[topic].split(), k=4) + chooser.choices(FILLER.split(), k=8)
        chooser.shuffle(words)
        person = f"Person{chr(65 + chooser.randrange(12))}"
        messages.append(
            {
                "id": str(number),
                "author_id": person,
                "author_name": person.replace("Person", "Member "),
                "time": (start + timedelta(seconds=45 * number)).isoformat(),
                "text": " ".join(words),
            }
        )
    return messages


def measure(path: Path) -> dict[str, float]:
    """Summarise `path` in this process: seconds by stage, and the peak of memory in MB."""
    # Imported here: the parent process only starts others.
    from cli.main import main  # noqa: PLC0415

    start = time.perf_counter()
    sys.argv = ["precis", "summarize", str(path), "--json"]
    output = sys.stdout
    with tempfile.TemporaryFile("w+") as caught:
        sys.stdout = caught
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
        finally:
            sys.stdout = output
        caught.seek(0)
        timings = json.load(caught)["timings"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**timings, "process": time.perf_counter() - start, "memory": peak}


def run(sizes: Sequence[int] = SIZES, repeats: int = REPEATS) -> list[dict[str, float]]:
    """The fastest of `repeats` runs for each size."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.jsonl"
            path.write_text("\n".join(json.dumps(message) for message in talk(size)) + "\n")
            runs = []
            for _ in range(repeats):
                done = subprocess.run(
                    [sys.executable, "-m", "bench", str(path)],
                    check=True,
                    capture_output=True,
                    text=True,
                    env={"PRECIS_HOME": folder, "PATH": ""},
                )
                runs.append(json.loads(done.stdout))
            best = min(runs, key=lambda each: each["total"])
            rows.append({"messages": size, **best, "work": work(best)})
            print_row(rows[-1], rows[0])
    return rows


def work(row: dict[str, float]) -> float:
    """Seconds that depend on the conversation: all but starting and loading the models."""
    return sum(row[stage] for stage in ("read", "embed", "gate", "segment", "generate", "cite"))


def print_row(row: dict[str, float], first: dict[str, float]) -> None:
    """A line of the table; times a message as a ratio to the first line's."""
    ratio = (row["work"] / row["messages"]) / (first["work"] / first["messages"])
    stages = "  ".join(f"{row[s]:7.2f}" for s in ("read", "embed", "gate", "segment", "generate"))
    print(
        f"{row['messages']:>8.0f}  {stages}  {row['work']:7.2f}  {ratio:9.2f}"
        f"  {row['memory']:7.0f}",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
    else:
        print("messages     read    embed     gate  segment  generate  all (s)  per msg   MB peak")
        run()
