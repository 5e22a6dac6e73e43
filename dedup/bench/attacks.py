"""Attacks: a story changed by a given strength, so that what it was taken from is known.

Each takes a `Story`, a strength and a source of randomness, and returns the changed text. Strengths
ascend; what they mean is the attack's ``unit``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from dedup.article import Article
from dedup.bench.variants import (
    FURNITURE,
    HEADLINES,
    INVISIBLE,
    LOOKALIKES,
    MISREAD,
    QUOTES,
    SPELLINGS,
    SYNONYMS,
)
from dedup.scoring.match import DERIVED
from dedup.text.headline import headline

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…\"”’»)])\s+(?=[\"“‘«(¿¡]?[A-ZÀ-Þ])")
_ANY_QUOTE = re.compile(r"[“”„«»\"]")
_SPELT_BACK = {american: british for british, american in SPELLINGS.items()}


@dataclass(frozen=True, slots=True)
class Story:
    """An article to attack, its language, and other articles, those of its language first."""

    article: Article
    language: str
    others: Sequence[Article]
    other_headline: str

    @property
    def text(self) -> str:
        """The text as read."""
        return self.article.text


Change = Callable[[Story, float, Random], str]


@dataclass(frozen=True, slots=True)
class Attack:
    """A change with its strengths, each with what a person calls it.

    ``expected`` are the relations that a right answer may have: in ``derived`` ones all, where the
    attack does not touch the narrative, fewer. ``languages`` are those it can be done to.
    """

    name: str
    unit: str
    strengths: Sequence[tuple[float, str]]
    change: Change
    expected: tuple[str, ...] = DERIVED
    languages: frozenset[str] | None = None


def shuffle_paragraphs(story: Story, share: float, random: Random) -> str:
    """Put a share of the paragraphs behind the first into other places."""
    first, *rest = paragraphs(story.text)
    moved = random.sample(range(len(rest)), round(share * len(rest)))
    placed = moved[:]
    random.shuffle(placed)
    changed = rest[:]
    for source, target in zip(moved, placed, strict=True):
        changed[target] = rest[source]
    return "\n\n".join([first, *changed])


def delete_sentences(story: Story, share: float, random: Random) -> str:
    """Delete a share of the sentences behind the first paragraph, but not all."""
    first, *rest = paragraphs(story.text)
    split = [_SENTENCE_END.split(paragraph) for paragraph in rest]
    places = [(i, j) for i, sentences in enumerate(split) for j in range(len(sentences))]
    gone = set(random.sample(places, min(round(share * len(places)), max(len(places) - 1, 0))))
    kept = [
        " ".join(s for j, s in enumerate(sentences) if (i, j) not in gone)
        for i, sentences in enumerate(split)
    ]
    return "\n\n".join([first, *filter(None, kept)])


def exchange_synonyms(story: Story, share: float, random: Random) -> str:
    """Exchange a share of the words that the table of synonyms holds."""
    table = SYNONYMS[story.language]
    return _exchanged(story.text, lambda word: table.get(word) if random.random() < share else None)


def exchange_spellings(story: Story, share: float, random: Random) -> str:
    """Exchange a share of the words spelt otherwise across the Atlantic."""
    return _exchanged(
        story.text,
        lambda word: (
            (SPELLINGS.get(word) or _SPELT_BACK.get(word)) if random.random() < share else None
        ),
    )


def drop_accents(story: Story, share: float, random: Random) -> str:
    """Drop a share of the accents."""
    kept = [
        c
        for c in unicodedata.normalize("NFD", story.text)
        if not unicodedata.combining(c) or random.random() > share
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def change_words(story: Story, share: float, random: Random) -> str:
    """Put words of other articles in place of every n-th word, n = 1 / share."""
    pool = sorted({w for other in story.others[:20] for w in _WORD.findall(other.text.lower())})
    every = round(1 / share)
    count = 0

    def change(_: str) -> str | None:
        nonlocal count
        count += 1
        return random.choice(pool) if pool and count % every == 0 else None

    return _exchanged(story.text, change)


def put_lookalikes(story: Story, share: float, random: Random) -> str:
    """Put Cyrillic letters in place of a share of the Latin ones that look like them."""
    return "".join(
        LOOKALIKES[c] if c in LOOKALIKES and random.random() < share else c for c in story.text
    )


def put_invisible(story: Story, share: float, random: Random) -> str:
    """Put an invisible character behind a share of the letters."""
    return "".join(
        c + random.choice(INVISIBLE) if c.isalpha() and random.random() < share else c
        for c in story.text
    )


def change_quotes(story: Story, number: float, random: Random) -> str:  # noqa: ARG001
    """Set all quotations in another style."""
    opening, closing = list(QUOTES.values())[int(number)]
    changed = []
    for paragraph in re.split(r"(\n\s*\n)", story.text):
        inside = False

        def mark(found: re.Match[str]) -> str:
            nonlocal inside
            opens = found[0] in "„«" or (found[0] == "“" and not inside)
            closes = found[0] in "”»" or (found[0] == "“" and inside)
            inside = opens or not (closes or inside)
            return opening if inside else closing

        changed.append(_ANY_QUOTE.sub(mark, paragraph))
    return "".join(changed)


def misread(story: Story, share: float, random: Random) -> str:
    """Misread, lose or split a share of the characters, as a scanner does."""
    out = []
    for c in story.text:
        if c == "\n" or random.random() >= share:
            out.append(c)
            continue
        fate = random.random()
        if fate < 0.7:
            out.append(MISREAD.get(c, c if c.isspace() else random.choice(".,'-~")))
        elif fate < 0.85:
            out.append(c + " ")
        # else it is lost
    return "".join(out)


def wrap_in_furniture(story: Story, share: float, random: Random) -> str:
    """Put page text around and into the story, of so many words for each word of it."""
    lines = FURNITURE.get(story.language, FURNITURE["en"])
    related = [of for other in story.others[:10] if (of := _headline_of(other))]
    wanted = share * len(story.text.split())
    put: list[str] = []
    count = 0
    while count < wanted:
        line = random.choice(related) if related and random.random() < 0.3 else random.choice(lines)
        put.append(line)
        count += len(line.split())
    body = paragraphs(story.text)
    between = put[: len(put) // 10]
    for line in between:
        body.insert(random.randrange(min(2, len(body)), len(body) + 1), line)
    middle = len(between) + (len(put) - len(between)) // 2
    return "\n\n".join([*put[len(between) : middle], *body, *put[middle:]])


def interleave(story: Story, share: float, random: Random) -> str:
    """Put paragraphs of other stories between its own, until they make a share of the text."""
    own = paragraphs(story.text)
    wanted = share / (1 - share) * len(story.text.split())
    others = list(story.others)
    first = random.randrange(len(others)) if others else 0
    foreign: list[str] = []
    count = 0
    for other in [*others[first:], *others[:first]]:
        for paragraph in paragraphs(other.text):
            if count < wanted:
                foreign.append(paragraph)
                count += len(paragraph.split())
    places = [(number / len(own), 0, text) for number, text in enumerate(own)]
    places += [((n + 0.5) / max(len(foreign), 1), 1, text) for n, text in enumerate(foreign)]
    return "\n\n".join(text for _, _, text in sorted(places, key=lambda place: place[:2]))


def translate_headline(story: Story, number: float, random: Random) -> str:  # noqa: ARG001
    """Put a headline in another language in place of its own."""
    span = headline(story.text, story.article.title)
    if span is None:
        return f"{story.other_headline}\n\n{story.text}"
    return story.text[: span[0]] + story.other_headline + story.text[span[1] :]


def foreign_headline(language: str, articles: Sequence[tuple[Article, str]], place: int) -> str:
    """Return the headline of an article in another language, else a ready one."""
    foreign = [_headline_of(article) for article, other in articles if other != language]
    found = [line for line in foreign if line]
    if found:
        return found[place % len(found)]
    ready = [line for other, line in HEADLINES.items() if other != language]
    return ready[place % len(ready)]


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text: between blank lines, or its lines where it has none."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return parts if len(parts) > 1 else [line for line in text.splitlines() if line.strip()] or [""]


def _headline_of(article: Article) -> str:
    span = headline(article.text, article.title)
    return article.text[slice(*span)] if span else article.title or ""


def _exchanged(text: str, change: Callable[[str], str | None]) -> str:
    def put(found: re.Match[str]) -> str:
        new = change(found[0].lower())
        if not new:
            return found[0]
        return new.capitalize() if found[0][:1].isupper() else new

    return _WORD.sub(put, text)


def _shares(*percent: int) -> list[tuple[float, str]]:
    return [(value / 100, f"{value}%") for value in percent]


_EVERY = [(1 / n, f"every {n}{'rd' if n == 3 else 'nd' if n == 2 else 'th'}") for n in
          (20, 10, 8, 7, 6, 5, 4, 3, 2)]  # fmt: skip
_UNTOUCHED = ("identical",)
_MOVED = ("identical", "near-duplicate", "rewrite")

ATTACKS = (
    Attack("paragraphs shuffled", "of the paragraphs", _shares(25, 50, 75, 100), shuffle_paragraphs,
           _MOVED),
    Attack("sentences deleted", "of the sentences", _shares(*range(10, 100, 10)), delete_sentences),
    Attack("synonyms", "of the words in the table", _shares(25, 50, 75, 100), exchange_synonyms,
           languages=frozenset(SYNONYMS)),
    Attack("British or American spelling", "of the words in the table", _shares(50, 100),
           exchange_spellings, ("identical", "near-duplicate"), frozenset({"en"})),
    Attack("accents dropped", "of the accents", _shares(50, 100), drop_accents, _UNTOUCHED),
    Attack("words changed", "of the words", _EVERY, change_words),
    Attack("homoglyphs", "of the letters that have one", _shares(1, 2, 5, 10, 20, 50, 100),
           put_lookalikes),
    Attack("zero-width characters", "of the letters", _shares(1, 5, 10, 25, 50, 100), put_invisible,
           _UNTOUCHED),
    Attack("quotation marks", "style", [(float(n), name) for n, name in enumerate(QUOTES)],
           change_quotes, _UNTOUCHED),
    Attack("OCR noise", "of the characters", _shares(1, 2, 3, 4, 5, 6, 8, 10), misread),
    Attack("furniture around", "of the story's words", _shares(25, 50, 100, 200, 400),
           wrap_in_furniture, ("identical", "near-duplicate")),
    Attack("stories interleaved", "of the text is other stories", _shares(25, 50, 75, 90),
           interleave),
    Attack("headline translated", "", [(1.0, "other language")], translate_headline, _UNTOUCHED),
)  # fmt: skip
"""All attacks; the last one has a single strength."""
