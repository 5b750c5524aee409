import pytest

from worker.pipeline.prompts import EXAMPLES, render

DIALOGUE = "#Person1#: hi\n#Person2#: hello"


def test_the_zero_shot_prompt_is_the_studys():
    assert render(DIALOGUE) == (f"Summarize the following conversation.\n\n{DIALOGUE}\n\nSummary:")


def test_the_other_template_is_flans():
    assert render(DIALOGUE, "question") == f"Dialogue:\n\n{DIALOGUE}\n\nWhat was going on?"


@pytest.mark.parametrize("template", ["instruction", "question"])
@pytest.mark.parametrize("shots", [0, 1, 3])
def test_worked_examples_come_first_with_their_summaries(template, shots):
    prompt = render(DIALOGUE, template, shots)
    assert [example.summary in prompt for example in EXAMPLES] == [
        index < shots for index in range(len(EXAMPLES))
    ]
    assert prompt.endswith(render(DIALOGUE, template))
