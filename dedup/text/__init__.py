"""Text: words and their offsets, quotations, headline, furniture and wire credits."""
