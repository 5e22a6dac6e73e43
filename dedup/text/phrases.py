"""What the words around an agency's name make it: source of the copy, of a fact, of a picture."""

from __future__ import annotations

import re

_PICTURED = ("image", " via ", "getty", "imagen")
_CONTRIBUTED = re.compile(
    r"\bcontributed(?: also)? (?:reporting|material)|^\W*contributing(?: reporter\w*)?\s?:"
    r"|\bcontribut(?:ed|ing)(?: reporting)?,? (?:to|on) (?:this|the) (?:\w{2,12} )?"
    r"(?:report|story|article|dispatch|piece|post|update)"
    r"|\bcontributed(?: from [\w ,.]{2,40}| reporting)?\.?\W{0,3}$"
    r"|\bcontribuy(?:ó|eron) (?:a|con|en) est"
)
_MATERIAL_AT_START = re.compile(
    r"\W*(?:with |also |some |includes )?(?:an? )?(?:additional |further |extra |agency |wire )?"
    r"(?:material|information|inputs?|reporting|reports?|files?|dispatches)(?: also)? "
    r"(?:from|by|supplied by)\b"
    r"|\W*(?:\w+ )?(?:(?:elaborad|redactad)[oa] )?con "
    r"(?:información|datos|aportes|reportes?|material|textos?) (?:adicional(?:es)? )?(?:de|por)\b"
    r"|\W*additional reporting\b|\W*(?:distributed|supplied|provided) by\b"
    r"|\W*información (?:adicional )?de\b"
    r"|\W*(?:com (?:informações|agências?|a|o)|avec|mit (?:material|informationen))\b"
    r"|\W*(?:source|sources|fuentes?|fonte|fontes|quelle|agencias?|agencies)\s?:"
)
_MATERIAL_WITHIN = re.compile(
    r"\bthis (?:report|story|article) by\b|\bwith .{2,40} inputs\b|\bwith files from\b"
    r"|\bsee an? .{2,40} (?:story|update|report|article) below\b"
    r"|\bthis (?:report|story|article|item|dispatch|piece) (?:also )?"
    r"(?:contains|includes|uses|was|is|has been) [\w ]{0,60}\b"
    r"(?:material|information|reporting|reports|from|by)\b"
    r"|\bmaterial from\b.{1,80}\bwas used\b|\bis solely responsible for\b"
    r"|\b(?:with|additional) (?:inputs?|reporting|information) (?:from|by)\b"
    r"|\bpublished from an? |\bwire (?:agency )?feed\b|\bsyndicated feed\b"
    r"|\bfrom (?:the )?[\w ]{2,30}:$"
)
_WITHIN_CUES = (
    "this ",
    "material from",
    "solely",
    "inputs",
    "reporting",
    "with info",
    "feed",
    "files from",
    " below",
)
_CLOSING_LINE = re.compile(
    r"\(?(?:additional )?"
    r"(?:reporting|editing|writing|compiled|reporte de|reportado|editado|escrito)\b"
)
_PHOTO = re.compile(
    r"photo|foto|\bimages?\b|\bcaption\b|getty|\bpicture|\bimagen\b|\bvideo\b"
    r"|\bfile\b(?! from)|\barchivo\b|\bvia\b|\bpool\b|handout|landov|newscom|shutterstock"
    r"|lehtikuva|\btv\b|\bepa\b"
    r"|illustration|\bgraphic\b|\bcredits?\b|\bcortesía\b"
)
_OF_PICTURES = (
    "photo", "foto", "image", "caption", "getty", "picture", "imagen", "video", "file", "archivo",
    "via", "pool", "handout", "landov", "newscom", "shutterstock", "lehtikuva", "tv", "epa",
    "illustration", "graphic", "credit", "cortesía",
)  # fmt: skip
"""What words of pictures contain; looked for first, which takes a tenth of the time."""
_MENTION_BEFORE = re.compile(
    r"\b(?:told|tell|tells|telling|according to|citing|cites|cited by|quoting|quoted by|reported by"
    r"|per|interview with|statement to|spoke to|spoke with|speaking to|reviewed by|obtained by"
    r"|seen by|contacted by|to|from|by|a|según|de|por|con|cita a|citando a|agencia|agencias|agency"
    r"|laut|segundo|secondo|selon)"
    r"\s(?:(?:the|la|el|las|news|noticias|de|agency|agencia|agence|russian|russia's|state|state-run"
    r"|estatal|oficial|rusa|británica|wire|service|à|all'|alla|agenzia|agência)\s){0,4}$"
)
_MENTION_AFTER = re.compile(
    r"(?:['’]s?)?\s(?:(?:news|newswire|agency|wire|service|correspondent|reporter|journalist|writer"
    r"|also|has|first|later|on \w{2,10}day|and \w{2,15}|quoted)\s){0,3}"
    r"(?:report|reported|reports|reporting|said|says|adds|added|wrote|writes|quoted|notes|noted|found"
    r"|learned|asked|news agency|agency|informó|dijo|señaló|indicó|reporta|informa)\b"
)


def credit_phrase(sentence: str) -> str | None:
    """Say how a sentence credits the agencies it names for the copy, if it does.

    ``copyright``, ``contributed`` ("contributed to this report"), ``material`` ("with material
    from", "Source:") or None.
    """
    low = sentence.lower()
    owned = "©" in low or "copyright" in low or "(c)" in low or "all rights reserved" in low
    if owned and not any(word in low for word in _PICTURED):
        return "copyright"
    if "contribu" in low and _CONTRIBUTED.search(low):
        return "contributed"
    if _MATERIAL_AT_START.match(low):
        return "material"
    if low[-1:] == ":" or any(cue in low for cue in _WITHIN_CUES):
        return "material" if _MATERIAL_WITHIN.search(low) else None
    return None


def is_closing_line(sentence: str) -> bool:
    """Say whether a sentence is the closing line of an agency that need not name itself."""
    return (sentence[:1] == "(" or ";" in sentence) and (
        _CLOSING_LINE.match(sentence[:40].lower()) is not None
    )


def is_photo(words: str) -> bool:
    """Say whether some words speak of a picture."""
    low = words.lower()
    return any(word in low for word in _OF_PICTURES) and _PHOTO.search(low) is not None


def is_mention(before: str, after: str) -> bool:
    """Say whether the words before or after an agency make it the source of a fact."""
    return bool(_MENTION_BEFORE.search(before.lower()) or _MENTION_AFTER.match(after.lower()))
