"""Why something that was asked is not done."""


class Refusal(Exception):
    """Nothing has changed; `code` is stable, `sentence` tells a person what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
