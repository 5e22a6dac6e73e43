"""Streams of made-up articles with copies, briefs, prompts, repeats and versions in them."""

import random
from dataclasses import replace

from dedup.article import Article

WORDS = [
    f"{a}{b}{c}"
    for a in "bdgklmnprst"
    for b in "aeiou"
    for c in ("ren", "nor", "lomi", "mita", "tarus")
]


def prose(rng: random.Random, words: int) -> str:
    """So many words in sentences."""
    parts = []
    while words > 0:
        length = min(words, rng.randint(6, 14))
        parts.append(" ".join(rng.choice(WORDS) for _ in range(length)).capitalize() + ".")
        words -= length
    return " ".join(parts)


def edited(rng: random.Random, text: str, share: float) -> str:
    """The text with a share of its words replaced."""
    return " ".join(w if rng.random() > share else rng.choice(WORDS) for w in text.split())


def stream(rng: random.Random, count: int, shortest: int = 4, longest: int = 120) -> list[Article]:
    """Articles of which half have to do with each other, and half have a prompt or a footer."""
    standing = [prose(rng, 22), prose(rng, 45)]
    stories = [prose(rng, rng.randint(shortest, longest)) for _ in range(6)]
    articles: list[Article] = []
    for number in range(count):
        if articles and rng.random() < 0.1:
            again = rng.choice(articles)
            articles.append(again if rng.random() < 0.5 else replace(again, text=prose(rng, 50)))
            continue
        kind, story = rng.random(), rng.choice(stories)
        if kind < 0.2:
            text = story
        elif kind < 0.45:
            text = edited(rng, story, 0.08)
        elif kind < 0.65:
            text = f"{prose(rng, 40)} {story} {prose(rng, rng.randint(0, 80))}"
        else:
            text = prose(rng, rng.randint(shortest, longest))
        if rng.random() < 0.5:
            text = f"{text}\n\n{rng.choice(standing)}"
        if rng.random() < 0.03:
            text = "..."
        day = f"2020-{rng.randint(1, 3):02d}-{rng.randint(1, 28):02d}"
        published = rng.choice([None, day, f"{day}T10:00:00Z", "2020-02"])
        source = rng.choice([None, "one.example", "two.example"])
        articles.append(Article(f"a{number}", text, published=published, source=source))
    return articles
