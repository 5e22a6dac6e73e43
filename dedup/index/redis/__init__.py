"""The index on a Redis server, shared by several workers.

Redis holds the truth and answers; a worker keeps nothing but a cache of records, which never
change. Reading takes no lock. Whatever changes the index is one script, which the server runs as a
whole or not at all, and each adds one to the index's *version*. A worker that decided something by
what it had read commits it on condition that the version is still the one it read at; if others
were quicker it reads again, compares with what is new, and commits again, now in its *turn*, during
which no other worker's decisions are taken (a lease, so that a worker that was killed holds nobody
up for long). So:

*What two workers that see the same story at the same moment get* when they filter is what one
worker would have decided that saw the two one after the other, in the order of their commits: one
of them keeps the story, the other is told that it is derived from it. Two that only ``check`` and
``add`` may both find nothing and both add it; whoever checks later finds both. An id that both add
is added once, and the other gets `dedup.index.library.DuplicateId`.

Keys, all of which begin with the prefix in braces, so that they are in one slot of a cluster:

====================  ==============================================================================
``meta``              hash: format, parameters, nets, a random uid, and the counters
``b:N``               bucket N of the table of bands and fingerprints (``scripts/postings.lua``)
``l:KEY``             the rows of a band or fingerprint that many texts hold
``t``, ``t:HASH``     hash: text hash to its first row; sorted set: further rows with that text
``ids``               hash: id to row
``dated``             sorted set: row by date; it is the list of all rows
``r:ROW``             the record: sketch, metadata, compressed text; written last, the commit mark
``turn``              whose turn it is
``decisions`` …       what a filter remembers (`dedup.filtering.redis_state`)
====================  ==============================================================================
"""
