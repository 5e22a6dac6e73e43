"""Find which known article a news text was taken from, how much of it, and with what credit."""
