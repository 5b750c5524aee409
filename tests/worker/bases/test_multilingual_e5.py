"""multilingual-e5-small as it is fetched: its meanings reach over languages."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from precis.errors import ModelError
from worker.bases.cache import base_folder

PASSAGES = (
    "Die Klausur ist am Freitag um neun Uhr in Raum 204.",
    "Yesterday I baked a cake with apples and cinnamon.",
    "Der Zug nach Berlin hat heute Verspätung.",
    "The printer on the second floor is broken again.",
    "Wer bringt morgen die Getränke mit?",
)


@pytest.fixture(scope="module")
def folder():
    try:
        return base_folder("multilingual-e5-small")
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder)


def test_a_question_finds_its_answer_in_another_language(folder, tokenizer):
    model, loading = AutoModel.from_pretrained(
        folder, add_pooling_layer=False, dtype=torch.float32, output_loading_info=True
    )
    assert not any(loading.values()), loading
    texts = ["query: When is the exam?", *(f"passage: {each}" for each in PASSAGES)]
    inputs = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**inputs).last_hidden_state  # [texts, tokens, 384]
    mask = inputs["attention_mask"].unsqueeze(-1)
    vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
    cosines = (vectors[1:] @ vectors[0]).numpy()
    assert np.argmax(cosines) == 0, cosines


@pytest.mark.parametrize(
    "text",
    ["Hello WORLD, hello world", "Größe, Übung, weiß, ÄÖÜ", "🎉 party 😀!", "日本語とрусский"],
)
def test_text_comes_back_as_it_was(tokenizer, text):
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_its_tokens_are_the_published_model_s(tokenizer):
    # XLM-RoBERTa's, as its authors' page shows them.
    assert tokenizer("Hello world!")["input_ids"] == [0, 35378, 8999, 38, 2]
    assert tokenizer("a\nb")["input_ids"] == tokenizer("a b")["input_ids"]
