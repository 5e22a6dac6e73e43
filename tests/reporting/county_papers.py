"""Articles that have nothing in common but a background paragraph: standing text."""

import random

from dedup import Article

BACKGROUND = (
    "The county has cut its road budget in each of the last six years, and engineers warned in a "
    "letter to the cabinet that half of the bridges built before the war would need new bearings, "
    "new drains and a coat of paint within a decade or be closed to lorries one after the other."
)


def story(name: str) -> str:
    """Return a story of its own, in words of its own, with the background in its middle."""
    chance = random.Random(name)

    def own() -> str:
        words = ("".join(chance.choices(syllables, k=3)) for _ in range(90))
        return f"{' '.join(words).capitalize()}."

    syllables = [first + last for first in "bdfgklmnprst" for last in "aeiou"]
    return f"{own()}\n\n{BACKGROUND}\n\n{own()}\n"


PAIR = [Article(name, story(name)) for name in ("one", "two")]
OTHERS = [Article(name, story(name)) for name in ("three", "four", "five")]
